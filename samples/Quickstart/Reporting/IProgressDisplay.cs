namespace Quickstart;

/// <summary>Shows a training run while it goes on.</summary>
internal interface IProgressDisplay
{
    /// <summary>Lets the run happen, and shows each step that it tells of.</summary>
    RunResult Follow(string run, int stepCount, Func<Action<StepRecord, StepCounts>, RunResult> train);
}
