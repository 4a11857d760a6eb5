using GradLint;

namespace Quickstart;

/// <summary>
/// What one optimizer step, counted from 1, looked like. The gradient norm is the one over all parameters, before clipping.
/// </summary>
internal readonly record struct StepRecord(int Step, double Loss, double GradientNorm, StepOutcome Outcome)
{
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(GradientNorm);
}
