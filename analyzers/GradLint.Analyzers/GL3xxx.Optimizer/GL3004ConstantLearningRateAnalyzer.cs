using System.Collections.Immutable;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL3004: nothing changes the learning rate over the training.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL3004ConstantLearningRateAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    /// <summary>They choose the length of their steps themselves.</summary>
    private static readonly ImmutableHashSet<string> s_selfTuned = ImmutableHashSet.Create("LBFGS", "Rprop", "Adadelta");

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.ConstantLearningRate,
        RuleCategory.Optimizer,
        RuleLevel.Off,
        "The learning rate stays the same over the whole training",
        "Nothing changes the learning rate of '{0}' over the training; let a schedule lower it",
        "A rate that is right at first is too high at the end, where it keeps the loss from settling. A schedule of torch.optim.lr_scheduler lowers it.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        var rates = new LearningRates(torchSharp, new Numbers(code.Source, code.Names));
        context.RegisterCallsAndCreations(LearningRates.Optimizers, site => Analyze(site, code, rates));
    }

    private static void Analyze(CodeSite context, TrainingCode code, LearningRates rates)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (!code.TorchSharp.IsOptimizer(context.Operation.Type) || rates.OptimizerOf(context.Operation) is not { } optimizer || s_selfTuned.Contains(optimizer))
        {
            return;
        }

        var sight = new OptimizerSight(context.Operation, code, cancellation);
        if (sight.Sees(TrainingActionKind.Step)
            && !sight.Sees(TrainingActionKind.Schedule, TrainingActionKind.OverrideRate, TrainingActionKind.SetRate, TrainingActionKind.HandOver))
        {
            context.ReportDiagnostic(s_rule.At(RuleLevel.Advice, context.Operation.Syntax.GetLocation(), properties: null, optimizer));
        }
    }
}
