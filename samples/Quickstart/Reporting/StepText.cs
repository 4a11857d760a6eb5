using GradLint;

namespace Quickstart;

/// <summary>A step in words: loss, gradient norm, and what happened to the step.</summary>
internal static class StepText
{
    public static string Of(StepRecord step, StepCounts counts) =>
        $"loss {Number(step.Loss),-7} gradient norm {Number(step.GradientNorm),-7} " +
        $"{Word(step.Outcome)} ({counts.Clipped} clipped, {counts.Skipped} skipped)";

    public static string Number(double value) => value switch
    {
        double.PositiveInfinity => "inf",
        double.NaN => "NaN",
        >= 10_000 => value.ToString("0.0e+0"),
        >= 100 => value.ToString("0"),
        _ => value.ToString("0.000"),
    };

    private static string Word(StepOutcome outcome) => outcome switch
    {
        StepOutcome.Clipped => "clipped",
        StepOutcome.Skipped => "skipped",
        _ => "applied",
    };
}
