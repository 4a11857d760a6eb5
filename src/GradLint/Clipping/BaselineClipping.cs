namespace GradLint;

/// <summary>
/// Scales all gradients down if their norm is far above the usual one, which is told by the median and the median absolute
/// deviation of the logarithms of the latest 128 norms, as in <see cref="NormSpikeDetection"/>.
/// </summary>
/// <remarks>
/// GradLint's own kind. Neither spikes nor runs of them raise the threshold, and a lasting change of the norms moves it after 32
/// steps. Unlike <see cref="NormSpikeDetection"/> it also takes the edge off what is large without being a spike.
/// </remarks>
public sealed record BaselineClipping : GradientClipping
{
    private const double OutlierDeviations = 6;

    /// <summary>
    /// How many robust standard deviations above the median the threshold lies. Greater than 0. Default 3: one norm in 700 is
    /// above it if the norms are distributed lognormally.
    /// </summary>
    public double Deviations { get; init; } = 3;

    /// <summary>
    /// The largest norm that is ever let pass, and the only limit in the first 64 steps. Greater than 0;
    /// <see cref="double.PositiveInfinity"/> sets no limit. Default 1.0, as in <see cref="GlobalNormClipping"/>.
    /// </summary>
    public double MaxNorm { get; init; } = 1.0;

    internal override void Validate(List<string> problems)
    {
        RequirePositive(problems, nameof(Deviations), Deviations);
        RequirePositive(problems, nameof(MaxNorm), MaxNorm, " (PositiveInfinity sets no limit)");
    }

    internal override Clipper CreateClipper(bool throughMemory) => new BaselineClipper(this, throughMemory);

    private sealed class BaselineClipper(BaselineClipping options, bool throughMemory) : GlobalClipper(throughMemory)
    {
        private readonly Baseline _baseline = new();

        public override double HarmlessNorm => HarmlessBelow(options.MaxNorm);

        protected override double? NextThreshold
        {
            get
            {
                double threshold = _baseline.IsReady ? _baseline.ValueAt(options.Deviations) : double.PositiveInfinity;
                return double.IsFinite(Math.Min(threshold, options.MaxNorm)) ? Math.Min(threshold, options.MaxNorm) : null;
            }
        }

        protected override double? ThresholdFor(double norm)
        {
            double? threshold = NextThreshold;
            if (_baseline.IsReady && _baseline.DeviationsOf(norm) > OutlierDeviations)
            {
                return _baseline.Hold(norm) ? NextThreshold : threshold;
            }

            if (norm > 0)
            {
                _baseline.Accept(norm);
            }

            return threshold;
        }

        public override void Save(BinaryWriter writer) => _baseline.Save(writer);

        public override void Load(BinaryReader reader) => _baseline.Load(reader);
    }
}
