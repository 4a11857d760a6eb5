using static TorchSharp.torch;

namespace GradLint;

/// <summary>A model's buffers as they were, put back on disposal.</summary>
internal sealed class BufferCopy : IDisposable
{
    private readonly List<(Tensor Buffer, Tensor Copy)> _copies;

    public BufferCopy(nn.Module module) =>
        _copies = [.. module.named_buffers().Select(buffer => (buffer.buffer, buffer.buffer.detach().clone().DetachFromDisposeScope()))];

    public void Dispose()
    {
        using IDisposable noGradients = no_grad();
        foreach ((Tensor buffer, Tensor copy) in _copies)
        {
            buffer.copy_(copy);
            copy.Dispose();
        }
    }
}
