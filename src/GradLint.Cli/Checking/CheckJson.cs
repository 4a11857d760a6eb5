using GradLint.Cli.CommandLine;
using GradLint.Cli.Sources;

namespace GradLint.Cli.Checking;

/// <summary>Findings as plain JSON: <c>{"diagnostics":[{"id", "severity", "message", "file", "line", "column", "endLine", "endColumn"}]}</c>, lines and columns from 1.</summary>
internal static class CheckJson
{
    public static string Write(IReadOnlyList<Finding> findings, DisplayPath paths) => Json.Write(new
    {
        Diagnostics = findings.Select(finding => new
        {
            Id = finding.RuleId,
            Severity = CheckText.Word(finding),
            finding.Message,
            File = finding.File is { } file ? paths.Of(file).Replace('\\', '/') : null,
            Line = Count(finding, finding.Lines.Start.Line),
            Column = Count(finding, finding.Lines.Start.Character),
            EndLine = Count(finding, finding.Lines.End.Line),
            EndColumn = Count(finding, finding.Lines.End.Character),
        }),
    });

    private static int? Count(Finding finding, int fromZero) => finding.File is null ? null : fromZero + 1;
}
