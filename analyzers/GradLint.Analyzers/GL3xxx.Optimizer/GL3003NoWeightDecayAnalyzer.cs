using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL3003: an optimizer is created without weight decay.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL3003NoWeightDecayAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    /// <summary>Of AdamW GL3002 speaks.</summary>
    private static readonly ImmutableHashSet<string> s_optimizers =
        ImmutableHashSet.Create("SGD", "Adam", "Adamax", "NAdam", "RAdam", "RMSProp", "Adagrad", "Adadelta", "ASGD");

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.NoWeightDecay,
        RuleCategory.Optimizer,
        RuleLevel.Off,
        "The optimizer has no weight decay",
        "'{0}' is created without 'weight_decay': nothing keeps the weights from growing",
        "Weight decay pulls the weights toward zero and helps a network that has more weights than its data can determine. Write it, even as 0.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        SourceNames names = TrainingCode.Of(context.Compilation, torchSharp).Names;
        var decay = new WeightDecay(torchSharp, new LearningRates(torchSharp, new Numbers(SourceModels.Of(context.Compilation), names)), names);
        context.RegisterCallsAndCreations(
            LearningRates.Optimizers,
            site =>
            {
                if (decay.OptimizerWithout(site.Operation, site.CancellationToken) is { } optimizer && s_optimizers.Contains(optimizer))
                {
                    site.ReportDiagnostic(s_rule.At(RuleLevel.Advice, site.Operation.Syntax.GetLocation(), properties: null, optimizer));
                }
            });
    }
}
