using Spectre.Console;

namespace Quickstart;

/// <summary>One line per run that moves, for a terminal.</summary>
internal sealed class LiveProgress(IAnsiConsole console) : IProgressDisplay
{
    private const int TextWidth = 80;

    public RunResult Follow(string run, int stepCount, Func<Action<StepRecord, StepCounts>, RunResult> train) =>
        console.Progress()
            .Columns(
                new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - TextWidth, 4, 30) },
                new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                ProgressTask task = context.AddTask(run, maxValue: stepCount);
                return train((step, counts) =>
                {
                    task.Description = $"{run,-8}{StepText.Of(step, counts)}";
                    task.Increment(1);
                });
            });
}
