using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// A deep copy of what an optimizer keeps for one parameter. TorchSharp's <c>state_dict()</c> returns the live objects, and its
/// <c>LoadStateDict</c> fails on momentum that is not there yet: so the fields are copied one by one.
/// </summary>
internal sealed class OptimizerStateCopy : IDisposable
{
    private readonly OptimizerState _state;
    private readonly (FieldInfo Field, TensorCopy Copy)[] _tensors;
    private readonly FieldInfo[] _values;
    private readonly object?[] _copiedValues;
    private readonly bool[] _isThere;

    public OptimizerStateCopy(OptimizerState state)
    {
        ILookup<bool, FieldInfo> byKind = state.GetType()
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .ToLookup(field => field.FieldType == typeof(Tensor));
        _state = state;
        _tensors = [.. byKind[true].Select(field => (field, new TensorCopy()))];
        _isThere = new bool[_tensors.Length];
        _values = [.. byKind[false].Where(field => field.FieldType.IsValueType)];
        _copiedValues = new object?[_values.Length];
    }

    public void Take()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            var tensor = (Tensor?)_tensors[i].Field.GetValue(_state);
            _isThere[i] = tensor is not null;
            if (tensor is not null)
            {
                _tensors[i].Copy.Take(tensor);
            }
        }

        for (int i = 0; i < _values.Length; i++)
        {
            _copiedValues[i] = _values[i].GetValue(_state);
        }
    }

    public void Restore()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            (FieldInfo field, TensorCopy copy) = _tensors[i];
            switch ((Tensor?)field.GetValue(_state))
            {
                case null when _isThere[i]:
                    field.SetValue(_state, copy.ToTensor());
                    break;
                case { } live when _isThere[i]:
                    copy.Restore(live);
                    break;
                case { } live:
                    live.Dispose();
                    field.SetValue(_state, null);
                    break;
            }
        }

        for (int i = 0; i < _values.Length; i++)
        {
            _values[i].SetValue(_state, _copiedValues[i]);
        }
    }

    public void Dispose()
    {
        foreach ((_, TensorCopy copy) in _tensors)
        {
            copy.Dispose();
        }
    }
}
