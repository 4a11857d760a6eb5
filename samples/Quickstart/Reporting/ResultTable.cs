using Spectre.Console;

namespace Quickstart;

/// <summary>The three runs side by side.</summary>
internal static class ResultTable
{
    public static Table Of(IEnumerable<RunResult> runs)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("run");
        foreach (string heading in (string[])["accuracy", "applied", "clipped", "skipped", "final loss", "time"])
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        foreach (RunResult run in runs)
        {
            table.AddRow(
                run.Name, $"{100 * run.Accuracy:0.0} %", $"{run.Counts.Applied:N0}", $"{run.Counts.Clipped:N0}", $"{run.Counts.Skipped:N0}",
                StepText.Number(run.FinalLoss), $"{run.Time.TotalSeconds:0.0} s");
        }

        return table;
    }
}
