using System.Globalization;
using System.Text;

namespace GradLint.Faults;

internal static class FaultTable
{
    public static string Of(FaultStudyReport report)
    {
        var text = new StringBuilder();
        Row(text, ["fault", .. report.Methods]);
        Row(text, ["---", .. report.Methods.Select(_ => "---:")]);
        foreach (StudyFault fault in report.Faults)
        {
            Row(text, [fault.Name + (fault.IsTransient ? "" : " (lasting)"), .. report.Methods.Select(method => Cell(report, fault, method))]);
        }

        Row(text, ["parameters that end as NaN", .. report.Methods.Select(method => EndedAsNaN(report, method))]);
        Row(text, ["steps lost where nothing goes wrong", .. report.Methods.Select(method => Text($"{report.FalseAlarms(method):P2}"))]);
        Row(text, ["final loss where nothing goes wrong", .. report.Methods.Select(method => Text($"{report.CleanLossRatio(method):F2}"))]);
        return text.ToString();
    }

    /// <summary>How many cases are within the bar, the worst loss ratio, and how many steps were lost.</summary>
    private static string Cell(FaultStudyReport report, StudyFault fault, string method)
    {
        FaultCase[] cases = [.. report.Cases.Where(c => c.Fault == fault.Name && c.Method == method)];
        double worst = cases.Max(c => c.LossRatio);
        string ratio = worst >= 100 ? double.IsFinite(worst) ? "> 100" : "NaN" : Text($"{worst:F2}");
        return Text($"{cases.Count(c => c.IsWithinBar)}/{cases.Length}, {ratio}, {cases.Max(c => c.StepsLost):F0}");
    }

    private static string EndedAsNaN(FaultStudyReport report, string method)
    {
        FaultCase[] cases = [.. report.Cases.Where(c => c.Method == method)];
        return $"{cases.Count(c => !c.WeightsAreFinite)}/{cases.Length}";
    }

    private static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
