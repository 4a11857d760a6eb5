using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// The gradients of some parameters, as they are in each step. A tensor object lasts as long as the gradient that it stands for.
/// </summary>
/// <param name="parameters">Whose gradients.</param>
/// <param name="flat">Where gradients on a device are brought together; null if there are none.</param>
internal sealed class OpenGradients(IReadOnlyList<Parameter> parameters, FlatGradients? flat = null) : IDisposable
{
    private readonly Tensor?[] _gradients = new Tensor?[parameters.Count];

    /// <summary>In the order of the parameters; null where a parameter has no gradient. Valid until it is called again.</summary>
    /// <exception cref="InvalidOperationException">A parameter is disposed.</exception>
    public ReadOnlySpan<Tensor?> Open()
    {
        for (int i = 0; i < _gradients.Length; i++)
        {
            if (parameters[i].IsInvalid)
            {
                throw new InvalidOperationException(
                    "The model's parameters were replaced or disposed since the guard was attached, "
                    + "as model.to(device) and model.to(type) do. Create the optimizer and attach the guard after them.");
            }

            if (_gradients[i] is not { IsInvalid: false } gradient || !GradientIdentity.IsGradientOf(gradient, parameters[i]))
            {
                _gradients[i]?.Dispose();
                _gradients[i] = OpenOne(i);
            }
        }

        return _gradients;
    }

    public void Dispose()
    {
        foreach (Tensor? gradient in _gradients)
        {
            gradient?.Dispose();
        }

        Array.Clear(_gradients);
    }

    private Tensor? OpenOne(int index)
    {
        // A training loop disposes what is created in its scope.
        Tensor? gradient = parameters[index].grad?.DetachFromDisposeScope();
        if (gradient is not null && flat?.TryHold(index, parameters[index], gradient) == true)
        {
            gradient.Dispose();
            return parameters[index].grad!.DetachFromDisposeScope();
        }

        flat?.LetGo(index);
        return gradient;
    }
}
