namespace GradLint;

/// <summary>
/// Finds gradient norms that are far above those of the steps before, and keeps them away from the optimizer: a single finite
/// spike that enters Adam's second moment makes its updates too small for thousands of steps, and no test for NaN sees it.
/// </summary>
/// <remarks>
/// <para>
/// A norm is a spike if it meets all three conditions: it lies <see cref="Deviations"/> robust standard deviations above the
/// median of the latest 128 norms, in logarithms; it is <see cref="MinRatio"/> times that median; and clipping would not let it
/// pass unchanged. There is no judgement in the first 64 steps, where clipping alone protects the run.
/// </para>
/// <para>
/// Skipping is on by default because a healthy run loses nothing by it. Measured over 100,000 steps, no norm is taken for
/// a spike if the norms are distributed normally or lognormally, and less than 0.5 percent are where their logarithms have heavy
/// tails (Student's t with 3 degrees of freedom). A lasting change is accepted after 32 steps
/// (<see cref="StepReason.LevelShift"/>). And whatever the norms are like, no more than 32 steps plus one in 64 are skipped;
/// further spikes are clipped and applied.
/// </para>
/// </remarks>
public sealed record NormSpikeDetection
{
    /// <summary>
    /// How many robust standard deviations above the median of the logarithms a spike lies at least. Greater than 0.
    /// Default 6, as in OLMo-core's SkipStepOptimizer, which uses mean and standard deviation.
    /// </summary>
    public double Deviations { get; init; } = 6;

    /// <summary>
    /// How many times the median a spike is at least. At least 1. Default 10, the factor of Megatron-LM's
    /// <c>is_unexpectedly_large</c>: where norms hardly vary, six deviations alone would be nothing.
    /// </summary>
    public double MinRatio { get; init; } = 10;

    /// <summary>Whether the step is skipped. Default true. If false, it is clipped and applied, and the verdict says so.</summary>
    public bool Skip { get; init; } = true;

    internal void Validate(List<string> problems)
    {
        // Written so that NaN fails.
        if (!(Deviations > 0))
        {
            problems.Add($"{nameof(NormSpikeDetection)}.{nameof(Deviations)} is {Deviations}; it must be greater than 0.");
        }

        if (!(MinRatio >= 1))
        {
            problems.Add($"{nameof(NormSpikeDetection)}.{nameof(MinRatio)} is {MinRatio}; it must be at least 1.");
        }
    }
}

internal sealed class NormSpikeDetector(NormSpikeDetection options) : IGuardState
{
    private readonly Baseline _baseline = new();

    public double? Usual => _baseline.Median;

    public bool SkipsSpikes => options.Skip;

    /// <param name="norm">Not NaN.</param>
    public bool IsUnusual(double norm) => _baseline.IsReady && _baseline.DeviationsOf(norm) > options.Deviations;

    /// <param name="norm">One that is unusual.</param>
    /// <param name="harmless">The norm up to which clipping changes nothing.</param>
    public bool IsSpike(double norm, double harmless) => norm > harmless && _baseline.RatioOf(norm) >= options.MinRatio;

    /// <summary>The largest norm that is no spike.</summary>
    public double Limit(double harmless) => _baseline.IsReady
        ? Math.Max(harmless, Math.Max(_baseline.ValueAt(options.Deviations), _baseline.ValueTimes(options.MinRatio)))
        : double.PositiveInfinity;

    /// <summary>A step without any gradient says nothing about the norms of those with one.</summary>
    public void Accept(double norm)
    {
        if (norm > 0)
        {
            _baseline.Accept(Math.Min(norm, double.MaxValue));
        }
    }

    /// <inheritdoc cref="Baseline.Held"/>
    public double[] Held
    {
        get => _baseline.Held;
        set => _baseline.Held = value;
    }

    public bool Hold(double norm) => _baseline.Hold(Math.Min(norm, double.MaxValue));

    public void Save(BinaryWriter writer) => _baseline.Save(writer);

    public void Load(BinaryReader reader) => _baseline.Load(reader);
}
