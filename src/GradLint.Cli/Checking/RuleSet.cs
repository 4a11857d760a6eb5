using System.Collections.Immutable;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Cli.Checking;

/// <summary>GradLint's analyzers and code fixes: all that its two assemblies hold, found as a compiler and an editor find them.</summary>
internal static class RuleSet
{
    public static ImmutableArray<DiagnosticAnalyzer> Analyzers { get; } = Instances<DiagnosticAnalyzer, DiagnosticAnalyzerAttribute>(typeof(TorchSharpAnalyzer));

    public static ImmutableArray<CodeFixProvider> CodeFixes { get; } = Instances<CodeFixProvider, ExportCodeFixProviderAttribute>(typeof(TorchSharpCodeFixProvider));

    /// <summary>All rules, by their IDs.</summary>
    public static IReadOnlyList<DiagnosticDescriptor> Rules { get; } =
        [.. Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).DistinctBy(rule => rule.Id).OrderBy(rule => rule.Id, StringComparer.Ordinal)];

    private static ImmutableArray<TPart> Instances<TPart, TMark>(Type member)
        where TMark : Attribute =>
        [.. member.Assembly.GetTypes().Where(type => type.IsDefined(typeof(TMark), inherit: false)).Select(type => (TPart)Activator.CreateInstance(type)!)];
}
