using System;
using System.Collections.Generic;
using System.Linq;
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
        context.RegisterHeirs((type, file) =>
        {
            if (models.OfClass(type, file.CancellationToken) is { } model)
            {
                Report(model, file.Options, diagnostic =>
                {
                    if (IsToldIn(file.SemanticModel.SyntaxTree, type, diagnostic.Location.SourceTree))
                    {
                        file.ReportDiagnostic(diagnostic);
                    }
                });
            }
        });
        context.RegisterCalls(
            ["Sequential"],
            site =>
            {
                var invocation = (IInvocationOperation)site.Operation;
                if (TorchSharpSymbols.IsMethodOf(invocation.TargetMethod, torchSharp.Nn, "Sequential")
                    && !site.IsIn(torchSharp.IsModule)
                    && models.FindBuilt(invocation, site.CancellationToken) is { } model)
                {
                    Report(model, site.Options, site.ReportDiagnostic);
                }
            });
        context.RegisterCreations(
            static (names, cancellation) => names.Heirs(cancellation),
            site =>
            {
                // A class whose depth or width is a parameter is a network only once it is created.
                if (site.Operation is IObjectCreationOperation { Type: INamedTypeSymbol type, Arguments.IsEmpty: false }
                    && !site.IsIn(torchSharp.IsModule)
                    && models.OfClass(type, site.CancellationToken) is { Growth: null }
                    && models.FindBuilt(site.Operation, site.CancellationToken) is { } model)
                {
                    Report(model, site.Options, site.ReportDiagnostic);
                }
            });
    }

    /// <summary>Of the files that the parts of a class are in, each tells what lies there, and the first what lies elsewhere.</summary>
    private static bool IsToldIn(SyntaxTree file, INamedTypeSymbol type, SyntaxTree? location) =>
        location == file
        || (type.DeclaringSyntaxReferences[0].SyntaxTree == file && type.DeclaringSyntaxReferences.All(part => part.SyntaxTree != location));

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
