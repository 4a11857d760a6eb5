namespace GradLint;

/// <summary>Finds losses that are far above those of the steps before: a corrupt batch, or weights that were just ruined.</summary>
/// <remarks>
/// A loss is a spike if it meets all three conditions: it lies <see cref="Deviations"/> robust standard deviations above the
/// median of the latest 128 losses; it is <see cref="MinRatio"/> times that median; and it is worse than the untrained model
/// (the median of the first 64 losses). The last one keeps hard examples in training: late in a run a single mislabeled one may
/// raise the loss a hundredfold, and nothing is wrong. Positive losses are compared by their logarithms; losses that may be
/// negative have no ratio, and are compared as they are. A lasting change is accepted after 32 steps, and the number of steps
/// that are skipped is bounded, together with those of <see cref="NormSpikeDetection"/>.
/// </remarks>
public sealed record LossSpikeDetection
{
    /// <summary>
    /// How many robust standard deviations above the median a spike lies at least. Greater than 0. Default 6, as in OLMo-core's
    /// SkipStepOptimizer, which uses mean and standard deviation.
    /// </summary>
    public double Deviations { get; init; } = 6;

    /// <summary>
    /// How many times the median a spike is at least, if all losses are positive. At least 1. Default 2, the factor of
    /// llm-foundry's KillLossSpike.
    /// </summary>
    public double MinRatio { get; init; } = 2;

    /// <summary>Whether the step is skipped. Default true. If false, it is clipped and applied, and the verdict says so.</summary>
    public bool Skip { get; init; } = true;

    internal void Validate(List<string> problems)
    {
        // Written so that NaN fails.
        if (!(Deviations > 0))
        {
            problems.Add($"{nameof(LossSpikeDetection)}.{nameof(Deviations)} is {Deviations}; it must be greater than 0.");
        }

        if (!(MinRatio >= 1))
        {
            problems.Add($"{nameof(LossSpikeDetection)}.{nameof(MinRatio)} is {MinRatio}; it must be at least 1.");
        }
    }
}

internal sealed class LossSpikeDetector(LossSpikeDetection options) : IGuardState
{
    private readonly Baseline _baseline = new();
    private double? _untrained;

    public double? Usual => _baseline.Median;

    public bool SkipsSpikes => options.Skip;

    /// <param name="loss">Finite.</param>
    public bool IsUnusual(double loss) => _baseline.IsReady && _baseline.DeviationsOf(loss) > options.Deviations;

    /// <param name="loss">One that is unusual.</param>
    public bool IsSpike(double loss) => loss > _untrained && _baseline.RatioOf(loss) >= options.MinRatio;

    /// <summary>The largest loss that is no spike.</summary>
    public double Limit => _baseline.IsReady && _untrained is { } untrained
        ? Math.Max(untrained, Math.Max(_baseline.ValueAt(options.Deviations), _baseline.ValueTimes(options.MinRatio)))
        : double.PositiveInfinity;

    public void Accept(double loss)
    {
        _baseline.Accept(loss);
        _untrained ??= _baseline.Median;
    }

    /// <inheritdoc cref="Baseline.Held"/>
    public double[] Held
    {
        get => _baseline.Held;
        set => _baseline.Held = value;
    }

    public bool Hold(double loss) => _baseline.Hold(loss);

    public void Save(BinaryWriter writer)
    {
        _baseline.Save(writer);
        writer.Write(_untrained ?? double.NaN);
    }

    public void Load(BinaryReader reader)
    {
        _baseline.Load(reader);
        double untrained = reader.ReadDouble();
        _untrained = double.IsNaN(untrained) ? null : untrained;
    }
}
