using System.Globalization;

namespace GradLint;

/// <summary>Finds losses that no longer fall: no hundred steps for long have been better than the best hundred before.</summary>
/// <remarks>The rule of Keras's <c>ReduceLROnPlateau</c>, on the mean loss of a hundred steps instead of an epoch's.</remarks>
public sealed record PlateauDetection
{
    /// <summary>After how many steps without an improvement. At least 100. Default 2000.</summary>
    public int Patience { get; init; } = 2000;

    /// <summary>What counts as an improvement, as a share of the best mean loss. Not negative. Default 0.001.</summary>
    public double MinImprovement { get; init; } = 0.001;

    internal void Validate(List<string> problems)
    {
        AdviceOptions.Require(problems, Patience >= 100, $"{nameof(PlateauDetection)}.{nameof(Patience)}", Patience, "at least 100");
        AdviceOptions.Require(
            problems, MinImprovement >= 0, $"{nameof(PlateauDetection)}.{nameof(MinImprovement)}", MinImprovement, "0 or more");
    }
}

internal sealed class PlateauDetector(PlateauDetection options) : AdvisoryDetector
{
    private const int Window = 100;

    private double _sum;
    private int _count;
    private double _best = double.PositiveInfinity;
    private int _sinceBest;

    public override Advice? Observe(in ObservedStep step)
    {
        if (step.Loss is not { } loss)
        {
            return null;
        }

        _sum += loss;
        if (++_count < Window)
        {
            return null;
        }

        double mean = _sum / Window;
        (_sum, _count) = (0, 0);
        if (double.IsInfinity(_best) || _best - mean > options.MinImprovement * Math.Abs(_best))
        {
            (_best, _sinceBest) = (mean, 0);
        }
        else
        {
            _sinceBest += Window;
        }

        return IsNews(_sinceBest >= options.Patience)
            ? new Advice(
                AdviceKind.Plateau,
                step.Number,
                mean,
                _best,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The loss has not fallen below {_best:G4} for {_sinceBest} steps. Try a lower learning rate, or stop."),
                [])
            : null;
    }

    public override void Save(BinaryWriter writer)
    {
        base.Save(writer);
        writer.Write(_sum);
        writer.Write(_count);
        writer.Write(_best);
        writer.Write(_sinceBest);
    }

    public override void Load(BinaryReader reader)
    {
        base.Load(reader);
        _sum = reader.ReadDouble();
        _count = reader.ReadInt32();
        _best = reader.ReadDouble();
        _sinceBest = reader.ReadInt32();
    }
}
