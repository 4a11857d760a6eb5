using System.Collections.Immutable;
using GradLint.Cli.CommandLine;
using GradLint.Cli.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Cli.Checking;

/// <summary>
/// Asks the rules what they say. The compiler's own machinery runs them, so that .editorconfig, pragmas, <c>SuppressMessage</c> and the project's
/// NoWarn and warnings-as-errors count as they do in a build.
/// </summary>
internal static class Linter
{
    /// <summary>What all rules say about the code, in the order of files and lines.</summary>
    /// <param name="code">The code.</param>
    /// <param name="least">The least severity that is of interest.</param>
    /// <param name="cancellation">Ends the work early.</param>
    /// <exception cref="ToolException">A rule failed.</exception>
    public static async Task<IReadOnlyList<Finding>> FindAsync(SourceCode code, DiagnosticSeverity least, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        await foreach (CompiledProject project in code.CompileAsync(cancellation))
        {
            CompilationWithAnalyzers analysis = project.Compilation.WithAnalyzers(RuleSet.Analyzers, new CompilationWithAnalyzersOptions(
                project.Project.AnalyzerOptions, Failed, concurrentAnalysis: true, logAnalyzerExecutionTime: false));
            ImmutableArray<Diagnostic> diagnostics = await analysis.GetAnalyzerDiagnosticsAsync(cancellation);
            findings.AddRange(diagnostics
                .Where(diagnostic => diagnostic.Severity >= least && (diagnostic.Location.SourceTree is not { } tree || code.Covers(tree)))
                .Select(diagnostic => new Finding(diagnostic, project.Project.Id)));
        }

        return
        [
            .. findings
                .OrderBy(finding => finding.File, StringComparer.Ordinal)
                .ThenBy(finding => finding.Diagnostic.Location.SourceSpan.Start)
                .ThenBy(finding => finding.RuleId, StringComparer.Ordinal),
        ];
    }

    private static void Failed(Exception error, DiagnosticAnalyzer rule, Diagnostic diagnostic) =>
        throw new ToolException($"The rule {rule.GetType().Name} failed, which is a defect of GradLint: {error.Message}");
}
