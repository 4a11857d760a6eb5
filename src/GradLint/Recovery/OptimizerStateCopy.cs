using static TorchSharp.torch;

namespace GradLint;

/// <summary>A deep copy of what an optimizer keeps for one parameter.</summary>
internal sealed class OptimizerStateCopy(OptimizerFields fields) : IDisposable
{
    private readonly TensorCopy[] _tensors = [.. Enumerable.Range(0, fields.Tensors).Select(_ => new TensorCopy())];
    private readonly bool[] _isThere = new bool[fields.Tensors];
    private readonly object[] _numbers = new object[fields.Numbers];

    public void Take()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            Tensor? tensor = fields.GetTensor(i);
            _isThere[i] = tensor is not null;
            if (tensor is not null)
            {
                _tensors[i].Take(tensor);
            }
        }

        for (int i = 0; i < _numbers.Length; i++)
        {
            _numbers[i] = fields.GetNumber(i);
        }
    }

    public void Restore()
    {
        for (int i = 0; i < _tensors.Length; i++)
        {
            if (_isThere[i] && fields.GetTensor(i) is { } live)
            {
                _tensors[i].Restore(live);
            }
            else
            {
                fields.SetTensor(i, _isThere[i] ? _tensors[i].ToTensor() : null);
            }
        }

        for (int i = 0; i < _numbers.Length; i++)
        {
            fields.SetNumber(i, _numbers[i]);
        }
    }

    public void Dispose()
    {
        foreach (TensorCopy tensor in _tensors)
        {
            tensor.Dispose();
        }
    }
}
