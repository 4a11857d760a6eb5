using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL3002: AdamW is created without the weight decay that sets it apart from Adam.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL3002AdamWWithoutWeightDecayAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.AdamWWithoutWeightDecay,
        RuleCategory.Optimizer,
        RuleLevel.Advice,
        "AdamW without weight decay is plain Adam",
        "'{0}' is created without 'weight_decay', which is 0 in TorchSharp, so it is plain Adam; 0.01 is the usual value",
        "AdamW is Adam with decoupled weight decay. In TorchSharp its weight decay is 0 unless it is written, not 0.01 as in PyTorch.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        SourceNames names = TrainingCode.Of(context.Compilation, torchSharp).Names;
        var decay = new WeightDecay(torchSharp, new LearningRates(torchSharp, new Numbers(SourceModels.Of(context.Compilation), names)), names);
        context.RegisterCallsAndCreations(
            LearningRates.Optimizers,
            site =>
            {
                if (decay.OptimizerWithout(site.Operation, site.CancellationToken) is "AdamW" and var optimizer)
                {
                    site.ReportDiagnostic(s_rule.At(RuleLevel.Advice, site.Operation.Syntax.GetLocation(), properties: null, optimizer));
                }
            });
    }
}
