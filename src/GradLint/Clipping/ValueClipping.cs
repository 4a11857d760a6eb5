using static TorchSharp.torch;

namespace GradLint;

/// <summary>Limits every gradient element to an interval around 0. The direction changes: small elements gain weight.</summary>
/// <remarks>
/// Graves, "Generating sequences with recurrent neural networks" (2013); what <c>clip_grad_value_</c> does, which lets NaN pass
/// and hides infinity: here a gradient that is not finite is never limited.
/// </remarks>
/// <param name="Limit">
/// The largest magnitude that is let pass. Greater than 0. Default 10: that paper's interval for the derivatives within LSTM layers.
/// </param>
public sealed record ValueClipping(double Limit = 10) : GradientClipping
{
    internal override void Validate(List<string> problems) => RequirePositive(problems, nameof(Limit), Limit);

    internal override Clipper CreateClipper(bool throughMemory) => new ValueClipper(this, throughMemory);

    private sealed class ValueClipper(ValueClipping options, bool throughMemory) : Clipper
    {
        public override bool Clip(ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
        {
            bool clipped = false;
            for (int i = 0; i < gradients.Length; i++)
            {
                if (gradients[i] is { } gradient && measured.Each[i].Largest > options.Limit)
                {
                    GradientLimiting.Limit(gradient, options.Limit, throughMemory);
                    clipped = true;
                }
            }

            return clipped;
        }
    }
}
