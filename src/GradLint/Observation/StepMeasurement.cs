using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>What was measured in one step, as backward left it. Valid during the call that hands it over.</summary>
public readonly ref struct StepMeasurement
{
    private readonly Attachment _attached;
    private readonly ReadOnlySpan<Tensor?> _gradients;

    internal StepMeasurement(long step, Attachment attached, ReadOnlySpan<Tensor?> gradients)
    {
        (Step, _attached) = (step, attached);
        _gradients = gradients;
    }

    /// <summary>The number of the step, as <see cref="StepVerdict.Step"/>.</summary>
    public long Step { get; }

    /// <summary>The names of the parameters that are guarded, in the model's order. The same object as long as they are the same parameters.</summary>
    public IReadOnlyList<string> Names => _attached.Names;

    /// <summary>The parameters, in the same order.</summary>
    public IReadOnlyList<Parameter> Parameters => _attached.Parameters;

    /// <summary>The gradient of a parameter, before clipping; null if it has none. Belongs to the guard. With a lag of one step, whose norms are of the step before, it is that of the present step.</summary>
    public Tensor? GradientOf(int parameter) => _gradients[parameter];

    /// <summary>The L2 norm of a parameter's gradient, before clipping: NaN if it is not finite, 0 if there is none.</summary>
    public double NormOf(int parameter)
    {
        TensorStatistics statistics = _attached.Measurement.Each[parameter];
        return statistics.NonFinite > 0 ? double.NaN : statistics.Squares.Norm;
    }
}
