namespace GradLint;

/// <summary>AutoClip: scales all gradients down to a percentile of the run's own norms.</summary>
/// <remarks>
/// <para>
/// Seetharaman, Wichern, Pardo and Le Roux, "AutoClip: Adaptive gradient clipping for source separation networks" (2020). At the
/// default of 10, nine steps of ten are clipped: it sets the step size rather than guarding against spikes. The author suggests
/// about 80 where the norms' history is short.
/// </para>
/// <para>
/// Unlike the published code, a norm that is not finite never enters (there one NaN makes every later gradient NaN), and the
/// history is bounded, so that the threshold follows the run and a step's cost does not grow.
/// </para>
/// </remarks>
public sealed record PercentileClipping : GradientClipping
{
    /// <summary>Which percentile of the norms, this step's included, is the threshold: 0 to 100. Default 10, as in the paper.</summary>
    public double Percentile { get; init; } = 10;

    /// <summary>How many of the latest norms count. At least 1. Default 1000; the paper keeps all.</summary>
    public int Window { get; init; } = 1000;

    internal override void Validate(List<string> problems)
    {
        if (!(Percentile is >= 0 and <= 100))
        {
            problems.Add($"{nameof(PercentileClipping)}.{nameof(Percentile)} is {Percentile}; it must be between 0 and 100.");
        }

        RequirePositive(problems, nameof(Window), Window);
    }

    internal override Clipper CreateClipper(bool throughMemory) => new PercentileClipper(this, throughMemory);

    private sealed class PercentileClipper(PercentileClipping options, bool throughMemory) : GlobalClipper(throughMemory)
    {
        private readonly RollingWindow _norms = new(options.Window);

        protected override double? NextThreshold => _norms.Count > 0 ? _norms.Quantile(options.Percentile / 100) : null;

        protected override double? ThresholdFor(double norm)
        {
            // A step without gradients would make the threshold 0 in the end, and nothing would be trained any more.
            if (norm > 0)
            {
                _norms.Add(norm);
            }

            return NextThreshold;
        }

        public override void Save(BinaryWriter writer) => _norms.Save(writer);

        public override void Load(BinaryReader reader) => _norms.Load(reader);
    }
}
