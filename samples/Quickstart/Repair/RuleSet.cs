using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Quickstart;

/// <summary>Analyzers and the code fixes that belong to them.</summary>
internal sealed record RuleSet(ImmutableArray<DiagnosticAnalyzer> Analyzers, ImmutableArray<CodeFixProvider> CodeFixes)
{
    /// <summary>GradLint's own: all that its two assemblies hold, found as a compiler and an editor find them.</summary>
    public static RuleSet GradLint => new(
        Instances<DiagnosticAnalyzer, DiagnosticAnalyzerAttribute>("GradLint.Analyzers"),
        Instances<CodeFixProvider, ExportCodeFixProviderAttribute>("GradLint.CodeFixes"));

    /// <summary>The document after the first fix that is offered for the diagnostic, or null if none is.</summary>
    public async Task<Document?> FixAsync(Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        CodeAction? action = null;
        foreach (CodeFixProvider provider in CodeFixes.Where(provider => provider.FixableDiagnosticIds.Contains(diagnostic.Id)))
        {
            await provider.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (offered, _) => action ??= offered, cancellation));
        }

        return action is null
            ? null
            : (await action.GetOperationsAsync(cancellation)).OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(document.Id);
    }

    private static ImmutableArray<TPart> Instances<TPart, TMark>(string assembly)
        where TMark : Attribute =>
        [.. Assembly.Load(assembly).GetTypes()
            .Where(type => type.IsDefined(typeof(TMark)))
            .Select(type => (TPart)Activator.CreateInstance(type)!)];
}
