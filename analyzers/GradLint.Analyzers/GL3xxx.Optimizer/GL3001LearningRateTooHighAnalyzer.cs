using System.Collections.Immutable;
using System.Globalization;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL3001: an optimizer is created with a learning rate at which training is likely to diverge.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL3001LearningRateTooHighAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.LearningRateTooHigh,
        RuleCategory.Optimizer,
        RuleLevel.Warning,
        "The learning rate is so high that training is likely to diverge",
        "{0} with a learning rate of {1}{2} {3} diverge; {4} is its usual rate",
        "A learning rate far above an optimizer's usual one makes the weights overshoot, the gradients grow with them, and the loss diverge.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        var networks = new TrainedNetworks(code, NetworkModels.Of(context.Compilation, torchSharp));
        var rates = new LearningRates(torchSharp, new Numbers(code.Source, code.Names));
        context.RegisterOperationAction(
            operation => Analyze(operation, code, rates, networks), OperationKind.Invocation, OperationKind.ObjectCreation);
    }

    private static void Analyze(OperationAnalysisContext context, TrainingCode code, LearningRates rates, TrainedNetworks networks)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (rates.Find(context.Operation, cancellation) is not { } rate
            || OptimizerFamily.Named(rate.Optimizer) is not { } family
            || family.Judge(rate.Effective, context.Options.AnalyzerConfigOptionsProvider.GetOptions(rate.Site.SyntaxTree)) is not { } verdict)
        {
            return;
        }

        var sight = new OptimizerSight(context.Operation, code, cancellation);
        if ((family.IsTamedByClipping && sight.Sees(TrainingActionKind.Clip, TrainingActionKind.Guard, TrainingActionKind.HandOver))
            || sight.Sees(TrainingActionKind.OverrideRate)
            || (verdict == RuleLevel.Advice && !sight.Sees(TrainingActionKind.Step))
            || (verdict == RuleLevel.Advice && family.IsTamedByClipping && !sight.TrainsUnnormalized(networks)))
        {
            return;
        }

        context.ReportDiagnostic(s_rule.At(
            verdict,
            rate.Site.GetLocation(),
            rate.WrittenAt.SyntaxTree == rate.Site.SyntaxTree ? [rate.WrittenAt.GetLocation()] : [rate.Site.GetLocation()],
            ImmutableDictionary<string, string?>.Empty.Add(GL3001Facts.UsualRate, family.UsualRate).Add(GL3001Facts.MissingArgument, rate.MissingArgument),
            rate.Optimizer,
            Written(rate.Value),
            Circumstances(rate, family),
            verdict == RuleLevel.Warning ? "is likely to" : "may",
            family.UsualRate));
    }

    private static string Circumstances(LearningRate rate, OptimizerFamily family)
    {
        string momentum = rate.Effective > rate.Value * 1.001 ? $", which momentum raises to {Written(rate.Effective)}," : string.Empty;
        return family.IsTamedByClipping ? momentum + " and no gradient clipping" : momentum;
    }

    private static string Written(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}

/// <summary>The names under which a GL3001 diagnostic carries facts to its code fix.</summary>
internal static class GL3001Facts
{
    /// <summary>What the learning rate is to become.</summary>
    public const string UsualRate = "UsualRate";

    /// <summary>The name of the parameter whose default is the bad rate; none where the rate is written.</summary>
    public const string MissingArgument = "MissingArgument";
}
