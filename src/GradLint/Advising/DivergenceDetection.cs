using System.Globalization;

namespace GradLint;

/// <summary>Finds losses that have risen for good: their median over 32 steps is several times the lowest there was. None may be below 0.</summary>
/// <remarks>
/// The criterion by which learning rate range tests stop (fast.ai, Lightning: four times the best smoothed loss); a median tells a
/// lasting rise from spikes, which <see cref="LossSpikeDetection"/> is for. As in <see cref="VanishingGradientDetection"/>, a model that has
/// learned is not blamed: a loss that is still below half of the first 32 steps' only wavers, as small losses at a constant rate do.
/// </remarks>
public sealed record DivergenceDetection
{
    /// <summary>How many times the best. Greater than 1. Default 4, as in those tests.</summary>
    public double Factor { get; init; } = 4;

    internal void Validate(List<string> problems) =>
        AdviceOptions.Require(problems, Factor > 1, $"{nameof(DivergenceDetection)}.{nameof(Factor)}", Factor, "greater than 1");
}

internal sealed class DivergenceDetector(DivergenceDetection options) : AdvisoryDetector
{
    private const int Window = 32;

    private readonly RollingWindow _losses = new(Window);
    private double _best = double.PositiveInfinity;
    private double? _first;

    public override Advice? Observe(in ObservedStep step)
    {
        if (step.Loss is not { } loss)
        {
            return null;
        }

        _losses.Add(loss);
        // Near 0 a loss that goes below it is any number of times its best.
        _best = Math.Min(_best, loss < 0 ? loss : double.PositiveInfinity);
        if (_losses.Count < Window)
        {
            return null;
        }

        double median = _losses.Quantile(0.5);
        _best = Math.Min(_best, median);
        _first ??= median;
        return IsNews(_best > 0 && median > options.Factor * _best && median > 0.5 * _first)
            ? new Advice(
                AdviceKind.Divergence,
                step.Number,
                median / _best,
                options.Factor,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The loss is {median:G4}, {median / _best:G3} times the best of {_best:G4}: the training diverges. ")
                + "Try a lower learning rate, or go back to an earlier checkpoint.",
                [])
            : null;
    }

    public override void Save(BinaryWriter writer)
    {
        base.Save(writer);
        _losses.Save(writer);
        writer.Write(_best);
        writer.Write(_first ?? double.NaN);
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _losses.Load(reader);
        _best = reader.ReadDouble();
        double first = reader.ReadDouble();
        _first = double.IsNaN(first) ? null : first;
    }
}
