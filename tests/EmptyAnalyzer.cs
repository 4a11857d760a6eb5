using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint;

/// <summary>An analyzer that does nothing: what it costs is the compiler's own work. Linked into the programs that measure.</summary>
/// <param name="seesOperations">Whether it asks to see what methods do, for which the compiler binds them once more than for the assembly.</param>
#pragma warning disable RS1001 // It is no analyzer that anyone loads.
internal sealed class EmptyAnalyzer(bool seesOperations = false) : DiagnosticAnalyzer
#pragma warning restore RS1001
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [new("EMPTY", "Nothing", "Nothing", "Nothing", DiagnosticSeverity.Warning, isEnabledByDefault: true)];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            start.RegisterSymbolAction(_ => { }, SymbolKind.NamedType);
            if (seesOperations)
            {
                start.RegisterOperationAction(_ => { }, OperationKind.Invocation);
            }
        });
    }
}
