using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Extraction.Hits;

/// <summary>Something that a rule said at its default severity.</summary>
/// <param name="Rule">Its ID.</param>
/// <param name="Severity">Warning or Info.</param>
/// <param name="Place">The file, from the root of its repository, and the line.</param>
/// <param name="Code">What stands in that line.</param>
/// <param name="Message">What the rule said.</param>
internal sealed record Hit(string Rule, DiagnosticSeverity Severity, string Place, string Code, string Message)
{
    private static readonly DiagnosticAnalyzer[] s_rules =
    [
        .. typeof(TorchSharpAnalyzer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    /// <summary>What all rules say about the project's own files, in the order of files and lines.</summary>
    public static async Task<IReadOnlyList<Hit>> InAsync(SourceProject project, string root)
    {
        CSharpCompilation compilation = Sources.Compile(Path.GetFileNameWithoutExtension(project.File), project.Files);
        CompilationWithAnalyzers analysis = compilation.WithAnalyzers([.. s_rules], new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]),
            (error, rule, _) => throw new InvalidOperationException($"{rule.GetType().Name} failed in {project.File}.", error),
            concurrentAnalysis: false,
            logAnalyzerExecutionTime: false));
        return
        [
            .. (await analysis.GetAnalyzerDiagnosticsAsync())
                .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Info && project.OwnFiles.Contains(diagnostic.Location.SourceTree!.FilePath))
                .OrderBy(diagnostic => diagnostic.Location.SourceTree!.FilePath, StringComparer.Ordinal)
                .ThenBy(diagnostic => diagnostic.Location.SourceSpan.Start)
                .Select(diagnostic => Of(diagnostic, root)),
        ];
    }

    private static Hit Of(Diagnostic diagnostic, string root)
    {
        int line = diagnostic.Location.GetLineSpan().StartLinePosition.Line;
        SyntaxTree tree = diagnostic.Location.SourceTree!;
        string file = Path.GetRelativePath(root, tree.FilePath).Replace('\\', '/');
        return new Hit(diagnostic.Id, diagnostic.Severity, $"{file}:{line + 1}", tree.GetText().Lines[line].ToString().Trim(), diagnostic.GetMessage());
    }
}
