using System.Collections.Concurrent;
using System.Collections.Immutable;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Fuzz;

/// <summary>All rules, those that are off by default too, over one file against the real TorchSharp.</summary>
public static class Analysis
{
    private static readonly ImmutableArray<DiagnosticAnalyzer> s_rules =
    [
        .. typeof(TorchSharpAnalyzer).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(DiagnosticAnalyzer)) && !type.IsAbstract)
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    private static readonly CSharpCompilation s_empty = CSharpCompilation.Create("Fuzz", [], References(), Options());

    /// <summary>How many rules look at each mutant.</summary>
    public static int RuleCount => s_rules.SelectMany(rule => rule.SupportedDiagnostics).Select(rule => rule.Id).Distinct().Count();

    /// <summary>What the rules find, and what they throw.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<(int Diagnostics, IReadOnlyCollection<string> Crashes)> OfAsync(SyntaxTree tree, CancellationToken cancellation)
    {
        ConcurrentBag<string> crashes = [];
        CompilationWithAnalyzers analysis = s_empty.AddSyntaxTrees(tree).WithAnalyzers(
            s_rules,
            new CompilationWithAnalyzersOptions(
                new AnalyzerOptions([]), (exception, rule, _) => crashes.Add($"{rule.GetType().Name}: {exception}"), concurrentAnalysis: false, logAnalyzerExecutionTime: false));
        ImmutableArray<Diagnostic> diagnostics = await analysis.GetAnalyzerDiagnosticsAsync(cancellation).ConfigureAwait(false);
        foreach (Diagnostic crash in diagnostics.Where(diagnostic => diagnostic.Id.StartsWith("AD", StringComparison.Ordinal) && crashes.IsEmpty))
        {
            crashes.Add(crash.GetMessage(null));
        }

        return (diagnostics.Length, crashes);
    }

    /// <summary>Whether the compiler throws an exception on the code by itself: no rule can do anything about that.</summary>
    public static bool CompilerFailsOn(SyntaxTree tree)
    {
        try
        {
            s_empty.AddSyntaxTrees(tree).GetDiagnostics();
            return false;
        }
        catch (Exception)
        {
            return true;
        }
    }

    private static CSharpCompilationOptions Options() => new(
        OutputKind.ConsoleApplication,
        allowUnsafe: true,
        specificDiagnosticOptions: s_rules.SelectMany(rule => rule.SupportedDiagnostics).DistinctBy(rule => rule.Id)
            .ToDictionary(rule => rule.Id, _ => ReportDiagnostic.Warn));

    /// <summary>Bound once: every compilation that is derived from the empty one shares them.</summary>
    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "TorchSharp.dll" or "GradLint.dll" or "netstandard.dll"))
            .Select(path => MetadataReference.CreateFromFile(path));
}
