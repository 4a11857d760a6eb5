using System.Globalization;

namespace GradLint;

/// <summary>Finds positive losses that have risen for good: their median over 32 steps is several times the lowest there was.</summary>
/// <remarks>
/// The criterion by which learning rate range tests stop (fast.ai, Lightning: four times the best smoothed loss); a median tells a
/// lasting rise from spikes, which <see cref="LossSpikeDetection"/> is for.
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

    public override Advice? Observe(in ObservedStep step)
    {
        if (step.Loss is not { } loss)
        {
            return null;
        }

        _losses.Add(loss);
        if (_losses.Count < Window)
        {
            return null;
        }

        double median = _losses.Quantile(0.5);
        _best = Math.Min(_best, median);
        return IsNews(_best > 0 && median > options.Factor * _best)
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
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _losses.Load(reader);
        _best = reader.ReadDouble();
    }
}
