using System.Diagnostics.Metrics;

namespace GradLint;

/// <summary>
/// The meter "GradLint", of all guards of the process together. Nothing is computed for an instrument that nobody listens to, and
/// no tag has more values than an enumeration: names of parameters are none.
/// </summary>
internal static class GuardMetrics
{
    private static readonly Meter s_meter = new("GradLint", typeof(GuardMetrics).Assembly.GetName().Version?.ToString(3));

    private static readonly Counter<long> s_steps = s_meter.CreateCounter<long>(
        "gradlint.steps", "{step}", "Steps that were judged, by what was found and done.");

    private static readonly Histogram<double> s_norm = s_meter.CreateHistogram<double>(
        "gradlint.gradient.norm", description: "The gradient norm before clipping, where it is finite.");

    private static readonly Histogram<double> s_loss = s_meter.CreateHistogram<double>("gradlint.loss", description: "The loss, where it is finite.");

    public static void Record(in StepVerdict verdict)
    {
        if (s_steps.Enabled)
        {
            s_steps.Add(1, new("gradlint.outcome", verdict.Outcome.ToString()), new("gradlint.reason", verdict.Reason.ToString()));
        }

        if (s_norm.Enabled && double.IsFinite(verdict.GradientNorm) && verdict.Outcome != StepOutcome.Stopped)
        {
            s_norm.Record(verdict.GradientNorm);
        }

        if (s_loss.Enabled && verdict.Loss is { } loss && double.IsFinite(loss))
        {
            s_loss.Record(loss);
        }
    }
}
