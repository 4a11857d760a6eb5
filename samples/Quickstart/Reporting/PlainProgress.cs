namespace Quickstart;

/// <summary>A line now and then, for output that goes to a file or a pipe.</summary>
internal sealed class PlainProgress(TextWriter output) : IProgressDisplay
{
    private const int LinesPerRun = 8;

    public RunResult Follow(string run, int stepCount, Func<Action<StepRecord, StepCounts>, RunResult> train)
    {
        bool wasFinite = true;
        return train((step, counts) =>
        {
            // The step that breaks the run is the one to see.
            bool breaks = wasFinite && !step.IsFinite;
            wasFinite &= step.IsFinite;
            if (breaks || step.Step == 1 || step.Step % Math.Max(1, stepCount / LinesPerRun) == 0)
            {
                output.WriteLine($"{run,-8} step {step.Step,5}/{stepCount}  {StepText.Of(step, counts)}");
            }
        });
    }
}
