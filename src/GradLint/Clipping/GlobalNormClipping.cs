namespace GradLint;

/// <summary>Scales all gradients by the same factor if their L2 norm together exceeds a threshold. Their direction stays.</summary>
/// <remarks>
/// Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013), algorithm 1; what
/// <c>clip_grad_norm_</c> does, without its 1e-6 beside the norm.
/// </remarks>
/// <param name="MaxNorm">
/// The largest norm that is let pass. Greater than 0. Default 1.0: the threshold of that paper's experiments, and the usual one
/// since. <see cref="GuardSummary.SuggestedMaxNorm"/> suggests one from a run's own norms.
/// </param>
public sealed record GlobalNormClipping(double MaxNorm = 1.0) : GradientClipping
{
    internal override void Validate(List<string> problems) => RequirePositive(
        problems, nameof(MaxNorm), MaxNorm, $" ({nameof(GradientGuardOptions.Clipping)} = null measures without clipping)");

    internal override Clipper CreateClipper(bool throughMemory) => new GlobalNormClipper(this, throughMemory);

    private sealed class GlobalNormClipper(GlobalNormClipping options, bool throughMemory) : GlobalClipper(throughMemory)
    {
        public override double HarmlessNorm => HarmlessBelow(options.MaxNorm);

        protected override double? NextThreshold => options.MaxNorm;

        protected override double? ThresholdFor(double norm) => options.MaxNorm;
    }
}
