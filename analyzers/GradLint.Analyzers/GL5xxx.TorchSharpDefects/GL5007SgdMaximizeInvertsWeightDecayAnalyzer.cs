using System.Globalization;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL5007: SGD that maximizes turns the sign of the weight decay too.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5007SgdMaximizeInvertsWeightDecayAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.SgdMaximizeInvertsWeightDecay,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "SGD that maximizes turns weight decay into growth in this version of TorchSharp",
        "SGD with 'maximize' turns its weight decay of {0} into growth in TorchSharp {1}: the weights explode; leave 'weight_decay' out",
        "Up to TorchSharp 0.107.0 SGD adds the weight decay to the gradient before it turns the sign for maximize, so that the weights grow exponentially instead of decaying.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        var settings = new LearningRates(torchSharp, new Numbers(SourceModels.Of(context.Compilation), TrainingCode.Of(context.Compilation, torchSharp).Names));
        context.RegisterCallsAndCreations(LearningRates.Optimizers, site => Analyze(site, torchSharp, settings));
    }

    private static void Analyze(CodeSite context, TorchSharpSymbols torchSharp, LearningRates settings)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (settings.OptimizerOf(context.Operation) == "SGD"
            && OptimizerSetting.Find(context.Operation, "maximize") is { Value.ConstantValue: { HasValue: true, Value: true } }
            && OptimizerSetting.Find(context.Operation, "weight_decay") is { IsWritten: true } decay
            && settings.ReadNumber(decay, cancellation) is > 0 and var value)
        {
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, decay.Site.GetLocation(), properties: null, value.ToString("G3", CultureInfo.InvariantCulture), VersionOf(torchSharp)));
        }
    }
}
