using System;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>The base of the rules that look at one network at a time: module classes, and Sequential modules outside of them.</summary>
public abstract class GradientFlowAnalyzer : TorchSharpAnalyzer
{
    private protected GradientFlowAnalyzer(DiagnosticDescriptor rule)
        : base(rule)
    {
    }

    private protected sealed override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        NetworkModels models = NetworkModels.Of(context.Compilation, torchSharp);
        context.RegisterSymbolAction(
            symbol =>
            {
                if (models.OfClass((INamedTypeSymbol)symbol.Symbol, symbol.CancellationToken) is { } model)
                {
                    Analyze(model, OptionsOf(model, symbol.Options), symbol.ReportDiagnostic);
                }
            },
            SymbolKind.NamedType);
        context.RegisterOperationAction(
            operation =>
            {
                var invocation = (IInvocationOperation)operation.Operation;
                if (TorchSharpSymbols.IsMethodOf(invocation.TargetMethod, torchSharp.Nn, "Sequential")
                    && !torchSharp.IsModule(operation.ContainingSymbol.ContainingType)
                    && models.FindBuilt(invocation, operation.CancellationToken) is { } model)
                {
                    Analyze(model, OptionsOf(model, operation.Options), operation.ReportDiagnostic);
                }
            },
            OperationKind.Invocation);
        context.RegisterOperationAction(
            operation =>
            {
                // A class whose depth or width is a parameter is a network only once it is created.
                if (operation.Operation is IObjectCreationOperation { Type: INamedTypeSymbol type, Arguments.IsEmpty: false }
                    && !torchSharp.IsModule(operation.ContainingSymbol.ContainingType)
                    && models.OfClass(type, operation.CancellationToken) is { Growth: null }
                    && models.FindBuilt(operation.Operation, operation.CancellationToken) is { } model)
                {
                    Analyze(model, OptionsOf(model, operation.Options), operation.ReportDiagnostic);
                }
            },
            OperationKind.ObjectCreation);
    }

    /// <summary>Reports on one network. The options are those of the file that it is created in.</summary>
    private protected abstract void Analyze(NetworkModel model, AnalyzerConfigOptions options, Action<Diagnostic> report);

    private static AnalyzerConfigOptions OptionsOf(NetworkModel model, AnalyzerOptions options) =>
        options.AnalyzerConfigOptionsProvider.GetOptions(model.Root.CreatedAt.SyntaxTree);
}
