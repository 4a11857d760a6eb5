using System.Collections.Generic;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

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
        FileNetworks networks = FileNetworks.Of(context.Compilation, torchSharp);
        context.RegisterSemanticModelAction(file =>
        {
            SyntaxTree tree = file.SemanticModel.SyntaxTree;
            foreach (FileNetwork network in networks.In(tree, file.CancellationToken))
            {
                // The settings are those of the file that the network is created in.
                AnalyzerConfigOptions settings = file.Options.AnalyzerConfigOptionsProvider.GetOptions(network.Model.Root.CreatedAt.SyntaxTree);
                foreach (Diagnostic diagnostic in Diagnose(network.Model, FlowDiagnosis.Of(network.Model, settings)))
                {
                    if (network.IsToldIn(tree, diagnostic.Location.SourceTree))
                    {
                        file.ReportDiagnostic(diagnostic);
                    }
                }
            }
        });
    }

    /// <summary>What the rule has to say about one network. Whether it may speak is decided: the diagnosis holds what is left to it.</summary>
    private protected abstract IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis);
}
