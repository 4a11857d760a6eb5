using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Rules;

/// <summary>GL2002: gradients are clipped where it does not limit the step.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2002ClippingMisplacedAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.ClippingMisplaced,
        RuleCategory.TrainingLoop,
        RuleLevel.Warning,
        "The gradients are clipped where it does not limit the step",
        "The gradients of '{0}' are clipped {1}; clip once per step, between 'backward' and 'step'",
        "Clipping limits the step only between the last backward and the step: before backward there are no gradients, after the step they have been used, "
        + "and clipping what is being accumulated shrinks earlier micro-batches more than later ones.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls(FunctionReader.Clips, site => Analyze(site, (IInvocationOperation)site.Operation, code));
    }

    private static void Analyze(CodeSite context, IInvocationOperation call, TrainingCode code)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (!FunctionReader.IsClip(call.TargetMethod, code.TorchSharp)
            || code.Places.FindOwners(call.FirstArgument(), cancellation) is not [var clipped]
            || code.FunctionAround(call.Syntax, cancellation) is not { } function
            || !function.MayTrain)
        {
            return;
        }

        var kinship = new GradientKinship(clipped, function, code, cancellation);
        if (GradientHistory.Of(kinship, function, code, cancellation) is { SeesBackward: true } history
            && (FindMistake(call, history) ?? FindStranger(call, clipped, kinship, function, code, cancellation)) is { } mistake)
        {
            Location[] step = function.Actions
                .Where(action => action.Kind == TrainingActionKind.Step && kinship.Of(action.Target) == true)
                .OrderBy(action => Math.Abs(action.Site.SpanStart - call.Syntax.SpanStart))
                .Select(action => action.Site.GetLocation())
                .Take(1)
                .ToArray();
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, call.Syntax.GetLocation(), step, ImmutableDictionary<string, string?>.Empty, clipped.ToString(), mistake));
        }
    }

    /// <summary>What is wrong with the place of the call; null where it may be right.</summary>
    private static string? FindMistake(IInvocationOperation call, GradientHistory history)
    {
        GradientStates before = history.Before(call.Syntax);
        Sequel after = history.After(call.Syntax);
        bool isStepped = (after & Sequel.Step) != 0;
        if ((before & GradientStates.Unclear) != 0 || (after & Sequel.Unclear) != 0)
        {
            return null;
        }

        if ((before & GradientStates.Fresh) != 0)
        {
            return (after & Sequel.SameAgainAfterBackward) != 0 && history.SeesStep ? "anew after every micro-batch that is added to them" : null;
        }

        return (before & ~GradientStates.AsGiven, after) switch
        {
            _ when isStepped => null,
            (GradientStates.Used, _) when before == GradientStates.Used => call.IsResultUsed() ? null : "after the step has been taken along them",
            (_, Sequel.Clear) => call.IsResultUsed() ? null : "right before they are cleared",
            (not GradientStates.None, _) when (after & Sequel.StepAfterBackward) != 0 => "before 'backward' computes them",
            _ => null,
        };
    }

    /// <summary>Says so where what is clipped is a network of the function's own that nothing steps.</summary>
    private static string? FindStranger(
        IInvocationOperation call, Place clipped, GradientKinship kinship, FunctionBody function, TrainingCode code, CancellationToken cancellation)
    {
        Effect[] steps = code.EffectsWithin(function, function.Node, cancellation).Where(effect => effect.Kind == TrainingActionKind.Step).ToArray();
        return clipped is { Container: null, Symbol: ILocalSymbol local }
            && steps.Length > 0
            && steps.All(step => kinship.Of(step.Target) == false)
            && !code.Names.IsPassedOn(local, cancellation)
            && !call.IsResultUsed()
                ? "although only the gradients of others are stepped along"
                : null;
    }
}
