using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Infrastructure;

/// <summary>
/// The front door of every rule. A project that does not reference TorchSharp gets past it at no cost: nothing is registered.
/// </summary>
public abstract class TorchSharpAnalyzer : DiagnosticAnalyzer
{
    private protected TorchSharpAnalyzer(params DiagnosticDescriptor[] rules) => SupportedDiagnostics = ImmutableArray.Create(rules);

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (TorchSharpSymbols.TryCreate(start.Compilation) is { } torchSharp)
            {
                Register(start, torchSharp);
            }
        });
    }

    private protected abstract void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp);
}
