using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>A guard over a model with a single weight, which is given one gradient norm and one loss after the other.</summary>
internal sealed class GuardedSeries : IDisposable
{
    private readonly Weights _model = Weights.OfZeros(1, size: 1, type: ScalarType.Float64);
    private readonly Tensor _gradient = zeros(1, ScalarType.Float64);
    private readonly Tensor _loss = zeros(1, ScalarType.Float64);
    private readonly optim.Optimizer _optimizer;

    public GuardedSeries(GradientGuardOptions? options = null)
    {
        _ = _model.WithGradients(_gradient);
        _optimizer = _model.Sgd();
        Guard = GradientGuard.For(_model, _optimizer, options);
    }

    public GradientGuard Guard { get; }

    public double LearningRate
    {
        get => _optimizer.ParamGroups.Single().LearningRate;
        set => _optimizer.ParamGroups.Single().LearningRate = value;
    }

    public StepVerdict Next(double norm, double? loss = null)
    {
        MemoryMarshal.Cast<byte, double>(_gradient.bytes)[0] = norm;
        MemoryMarshal.Cast<byte, double>(_loss.bytes)[0] = loss ?? 0;
        return Guard.Inspect(loss is null ? null : _loss);
    }

    public IReadOnlyList<StepVerdict> Norms(IEnumerable<double> norms) => [.. norms.Select(norm => Next(norm))];

    public IReadOnlyList<StepVerdict> Losses(IEnumerable<double> losses) => [.. losses.Select(loss => Next(1, loss))];

    public void Dispose()
    {
        Guard.Dispose();
        _optimizer.Dispose();
        _gradient.Dispose();
        _loss.Dispose();
        _model.Dispose();
    }
}
