using System.Globalization;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL5004: RAdam multiplies its learning rate in twice.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL5004RAdamSquaresLearningRateAnalyzer() : TorchSharpDefectAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.RAdamSquaresLearningRate,
        RuleCategory.TorchSharpDefects,
        RuleLevel.Warning,
        "RAdam multiplies its learning rate in twice in this version of TorchSharp",
        "RAdam multiplies its learning rate in twice in TorchSharp {0}: from the sixth step on {1}; use Adam",
        "Up to TorchSharp 0.107.0 RAdam multiplies its steps by the square of the learning rate once its warm-up is over, so that a usual rate all but stops training.");

    private protected override void RegisterDefect(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        var rates = new LearningRates(torchSharp, new Numbers(SourceModels.Of(context.Compilation), TrainingCode.Of(context.Compilation, torchSharp).Names));
        context.RegisterCallsAndCreations(LearningRates.Optimizers, site => Analyze(site, torchSharp, rates));
    }

    private static void Analyze(CodeSite context, TorchSharpSymbols torchSharp, LearningRates rates)
    {
        if (context.Operation.Type?.Name == "RAdam" && rates.OptimizerOf(context.Operation) == "RAdam")
        {
            double? rate = rates.Find(context.Operation, context.CancellationToken)?.Value;
            if (rate != 1)
            {
                context.ReportDiagnostic(s_rule.At(
                    RuleLevel.Warning, context.Operation.Syntax.GetLocation(), properties: null, VersionOf(torchSharp), Consequence(rate)));
            }
        }
    }

    private static string Consequence(double? rate) =>
        rate is { } value ? $"{Written(value)} acts as {Written(value * value)}" : "its square acts";

    private static string Written(double value) => value.ToString("G2", CultureInfo.InvariantCulture);
}
