using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

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
        context.RegisterCallsAndCreations(LearningRates.Optimizers, site => Analyze(site, rates.Find(site.Operation, site.CancellationToken), site.Operation, code, networks));
        context.RegisterAssignments(FunctionReader.LearningRate, site => AnalyzeAssignment(site, site.Operation as ISimpleAssignmentOperation, code, rates, networks));
    }

    /// <summary>A rate that is assigned to parameter groups; of which optimizer their variable tells, if only one is ever put there.</summary>
    private static void AnalyzeAssignment(
        CodeSite context, ISimpleAssignmentOperation? assignment, TrainingCode code, LearningRates rates, TrainedNetworks networks)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (assignment is not null
            && FunctionReader.IsLearningRate(assignment.Target, code.TorchSharp)
            && code.Places.Find(((IPropertyReferenceOperation)assignment.Target).Instance, cancellation) is { } optimizer
            && code.Optimizers.OriginOf(optimizer, cancellation).Creations is [var creation])
        {
            Analyze(context, rates.FindAssigned(assignment, creation, cancellation), creation, code, networks);
        }
    }

    private static void Analyze(CodeSite context, LearningRate? found, IOperation creation, TrainingCode code, TrainedNetworks networks)
    {
        // RAdam's rate is not what it seems: GL5004.
        if (found is not { } rate
            || OptimizerFamily.Named(rate.Optimizer) is not { } family
            || (rate.Optimizer == "RAdam" && TorchSharpDefectAnalyzer.HasDefects(code.TorchSharp)))
        {
            return;
        }

        RuleLevel? bound = family.Judge(rate.Effective, context.Options.AnalyzerConfigOptionsProvider.GetOptions(rate.Site.SyntaxTree));
        if (bound is null && !family.IsAboveUsual(rate.Effective))
        {
            return;
        }

        var sight = new OptimizerSight(creation, code, context.CancellationToken);
        if (sight.OptimizesOnlyTensors() || sight.Sees(TrainingActionKind.OverrideRate))
        {
            return;
        }

        bool isLimited = sight.Sees(TrainingActionKind.Clip, TrainingActionKind.Guard, TrainingActionKind.HandOver);
        IReadOnlyList<NetworkModel> trained = sight.FindTrained(networks);
        bool? diverges = isLimited || !sight.Sees(TrainingActionKind.Step) ? null : Divergence.Judge(rate, trained, context.CancellationToken);
        RuleLevel? level = diverges switch
        {
            true => RuleLevel.Warning,
            false => bound == RuleLevel.Warning ? RuleLevel.Advice : null,
            null => LevelByBound(bound, family, sight, trained, isLimited),
        };
        if (level is not { } verdict)
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
            diverges == true ? "is predicted to" : verdict == RuleLevel.Warning ? "is likely to" : "may",
            family.UsualRate));
    }

    /// <summary>What the rate alone says.</summary>
    private static RuleLevel? LevelByBound(RuleLevel? bound, OptimizerFamily family, OptimizerSight sight, IReadOnlyList<NetworkModel> trained, bool isLimited)
    {
        if (family.IsTamedByClipping && isLimited)
        {
            return null;
        }

        bool isTrainedUnnormalized = trained.Count > 0 && trained.All(network => !network.IsNormalized);
        return bound != RuleLevel.Advice || (sight.Sees(TrainingActionKind.Step) && (!family.IsTamedByClipping || isTrainedUnnormalized)) ? bound : null;
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
