using GradLint;

namespace Quickstart;

/// <summary>How often the optimizer stepped, how often with clipped gradients, and how often not at all.</summary>
internal readonly record struct StepCounts(int Applied, int Clipped, int Skipped)
{
    public StepCounts With(StepOutcome outcome) => new(
        Applied + (outcome == StepOutcome.Skipped ? 0 : 1),
        Clipped + (outcome == StepOutcome.Clipped ? 1 : 0),
        Skipped + (outcome == StepOutcome.Skipped ? 1 : 0));
}
