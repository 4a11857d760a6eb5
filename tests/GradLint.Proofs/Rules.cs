using System.Collections.Immutable;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Proofs;

/// <summary>All rules and code fixes of GradLint.</summary>
internal static class Rules
{
    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } = Instances<DiagnosticAnalyzer>(typeof(TorchSharpAnalyzer));

    public static ImmutableArray<CodeFixProvider> CodeFixes { get; } = Instances<CodeFixProvider>(typeof(TorchSharpCodeFixProvider));

    public static ImmutableDictionary<string, DiagnosticDescriptor> Descriptors { get; } =
        Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).DistinctBy(rule => rule.Id).ToImmutableDictionary(rule => rule.Id);

    private static ImmutableArray<T> Instances<T>(Type sibling) =>
        [.. sibling.Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract)
            .Select(type => (T)Activator.CreateInstance(type)!)];
}
