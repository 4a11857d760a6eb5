using GradLint.Cli.CommandLine;
using GradLint.Cli.Sources;
using Microsoft.CodeAnalysis;
using Spectre.Console;

namespace GradLint.Cli.Checking;

/// <summary>Findings as a compiler prints them: file(line,column): severity ID: message. One line each, however long: what reads a compiler's output reads this, too.</summary>
internal sealed class CheckText(ToolConsole console, DisplayPath paths)
{
    public void Write(IReadOnlyList<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            string line = $"{(finding.File is null ? "" : paths.Of(finding.Diagnostic.Location) + ": ")}{Word(finding)} {finding.RuleId}: {finding.Message}";
            if (console.Styled.Profile.Capabilities.ColorSystem == ColorSystem.NoColors)
            {
                console.Output.WriteLine(line);
            }
            else
            {
                console.Styled.Write(new Text(line + Environment.NewLine, ColourOf(finding.Diagnostic.Severity)));
            }
        }
    }

    public static string Word(Finding finding) => finding.Diagnostic.Severity.ToString().ToLowerInvariant();

    private static Color ColourOf(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => Color.Red,
        DiagnosticSeverity.Warning => Color.Yellow,
        _ => Color.Default,
    };
}
