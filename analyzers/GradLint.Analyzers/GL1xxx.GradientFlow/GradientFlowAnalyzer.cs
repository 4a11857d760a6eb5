using System;
using System.Collections.Generic;
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
                    Report(model, symbol.Options, symbol.ReportDiagnostic);
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
                    Report(model, operation.Options, operation.ReportDiagnostic);
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
                    Report(model, operation.Options, operation.ReportDiagnostic);
                }
            },
            OperationKind.ObjectCreation);
    }

    /// <summary>What the rule has to say about one network. Whether it may speak is decided: the diagnosis holds what is left to it.</summary>
    private protected abstract IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis);

    /// <summary>The settings are those of the file that the network is created in.</summary>
    private void Report(NetworkModel model, AnalyzerOptions options, Action<Diagnostic> report)
    {
        AnalyzerConfigOptions settings = options.AnalyzerConfigOptionsProvider.GetOptions(model.Root.CreatedAt.SyntaxTree);
        foreach (Diagnostic diagnostic in Diagnose(model, FlowDiagnosis.Of(model, settings)))
        {
            report(diagnostic);
        }
    }
}
