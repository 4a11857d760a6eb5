using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>The gradients of some parameters. Each is a native handle that must be given back, so they are opened once per step.</summary>
internal sealed class OpenGradients(IReadOnlyList<Parameter> parameters)
{
    private readonly Tensor?[] _gradients = new Tensor?[parameters.Count];

    /// <summary>In the order of the parameters; null where a parameter has no gradient.</summary>
    public ReadOnlySpan<Tensor?> All => _gradients;

    /// <exception cref="InvalidOperationException">A parameter is disposed; those opened before it must be closed all the same.</exception>
    public void Open()
    {
        for (int i = 0; i < _gradients.Length; i++)
        {
            if (parameters[i].IsInvalid)
            {
                throw new InvalidOperationException(
                    "The model's parameters were replaced or disposed since the guard was attached, "
                    + "as model.to(device) and model.to(type) do. Create the optimizer and attach the guard after them.");
            }

            _gradients[i] = parameters[i].grad;
        }
    }

    public void Close()
    {
        foreach (Tensor? gradient in _gradients)
        {
            gradient?.Dispose();
        }

        Array.Clear(_gradients);
    }
}
