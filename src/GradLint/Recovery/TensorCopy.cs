using static TorchSharp.torch;

namespace GradLint;

/// <summary>A deep copy of a tensor's elements, whose memory is used again for the next copy.</summary>
internal sealed class TensorCopy : IDisposable
{
    private Tensor? _copy;

    /// <summary>To be called while no gradients are tracked, like the others.</summary>
    public void Take(Tensor tensor)
    {
        if (_copy is not null && _copy.dtype == tensor.dtype && _copy.shape.AsSpan().SequenceEqual(tensor.shape))
        {
            _ = _copy.copy_(tensor);
            return;
        }

        _copy?.Dispose();
        // A training loop disposes what is created in its scope.
        _copy = tensor.clone().DetachFromDisposeScope();
    }

    public void Restore(Tensor tensor) => _ = tensor.copy_(_copy!);

    /// <summary>A tensor of its own, for where there is none any more.</summary>
    public Tensor ToTensor() => _copy!.clone().DetachFromDisposeScope();

    public void Dispose() => _copy?.Dispose();
}
