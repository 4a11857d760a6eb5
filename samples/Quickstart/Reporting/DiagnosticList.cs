using Microsoft.CodeAnalysis;
using Spectre.Console;

namespace Quickstart;

/// <summary>Diagnostics as a compiler prints them: file(line,column): severity ID: message.</summary>
internal static class DiagnosticList
{
    public static void Print(IReadOnlyList<Diagnostic> diagnostics, IAnsiConsole console)
    {
        foreach (Diagnostic diagnostic in diagnostics)
        {
            if (Terminal.IsInteractive(console))
            {
                console.Write(new Text($"{diagnostic}{Environment.NewLine}", new Style(Colour(diagnostic.Severity))));
            }
            else
            {
                // One line each, however long: what reads a compiler's output reads this too.
                console.Profile.Out.Writer.WriteLine(diagnostic);
            }
        }

        console.WriteLine(diagnostics.Count == 0 ? "nothing to report" : $"{diagnostics.Count} diagnostics");
    }

    private static Color Colour(DiagnosticSeverity severity) => severity switch
    {
        DiagnosticSeverity.Error => Color.Red,
        DiagnosticSeverity.Warning => Color.Yellow,
        _ => Color.Default,
    };
}
