using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// What an optimizer keeps for one parameter: its tensors and its numbers. TorchSharp's <c>state_dict()</c> returns the live
/// objects, and its <c>LoadStateDict</c> fails on momentum that is not there yet: so the fields are read and written one by one.
/// </summary>
internal sealed class OptimizerFields
{
    private readonly OptimizerState _state;
    private readonly FieldInfo[] _tensors;
    private readonly FieldInfo[] _numbers;

    private OptimizerFields(OptimizerState state)
    {
        ILookup<bool, FieldInfo> byKind = state.GetType()
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .ToLookup(field => field.FieldType == typeof(Tensor));
        _state = state;
        _tensors = [.. byKind[true]];
        _numbers = [.. byKind[false].Where(field => field.FieldType.IsPrimitive)];
    }

    public int Tensors => _tensors.Length;

    public int Numbers => _numbers.Length;

    /// <summary>One entry for each parameter; none for an optimizer made elsewhere, whose state is not known.</summary>
    public static OptimizerFields[] Of(optim.Optimizer optimizer) => optimizer is OptimizerHelper own
        ? [.. own.state_dict().State.Distinct().Select(state => new OptimizerFields(state))]
        : [];

    public Tensor? GetTensor(int index) => (Tensor?)_tensors[index].GetValue(_state);

    /// <summary>Replaces a tensor; the former one is disposed.</summary>
    public void SetTensor(int index, Tensor? tensor)
    {
        GetTensor(index)?.Dispose();
        _tensors[index].SetValue(_state, tensor);
    }

    public object GetNumber(int index) => _numbers[index].GetValue(_state)!;

    public void SetNumber(int index, object number) => _numbers[index].SetValue(_state, number);

    /// <summary>The type of a number, to which one that was read must be brought back.</summary>
    public TypeCode TypeOf(int index) => Type.GetTypeCode(_numbers[index].FieldType);
}
