using Spectre.Console;

namespace Quickstart;

/// <summary>One line per run that moves, for a terminal.</summary>
internal sealed class LiveProgress(IAnsiConsole console) : IProgressDisplay
{
    public RunResult Follow(string run, int stepCount, Func<Action<StepRecord, StepCounts>, RunResult> train) =>
        console.Progress()
            .Columns(new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask task = context.AddTask(run, maxValue: stepCount);
                return train((step, counts) =>
                {
                    task.Description = $"{run,-8} {step.Step,5}/{stepCount}  {StepText.Of(step, counts)}";
                    task.Increment(1);
                });
            });
}
