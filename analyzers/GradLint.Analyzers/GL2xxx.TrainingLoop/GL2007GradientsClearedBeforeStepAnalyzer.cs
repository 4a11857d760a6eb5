using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL2007: gradients are computed, cleared, and then stepped along.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2007GradientsClearedBeforeStepAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.GradientsClearedBeforeStep,
        RuleCategory.TrainingLoop,
        RuleLevel.Warning,
        "The gradients are cleared before the optimizer steps",
        "'{0}' steps along gradients that were cleared after 'backward' had computed them, so nothing is learned; clear them before 'backward'",
        "Gradients are cleared before backward adds to them, or after the step. Cleared in between they are zero when the optimizer steps.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls([OptimizerStep.Method], site => Analyze(site, (InvocationExpressionSyntax)site.Operation.Syntax, code));
    }

    private static void Analyze(CodeSite context, InvocationExpressionSyntax call, TrainingCode code)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (code.FunctionAround(call, cancellation) is not { } function
            || function.Actions.FirstOrDefault(action => action is { Kind: TrainingActionKind.Step, Target: not null } && action.Site == call) is not { } step
            || call.ArgumentList.Arguments.Count > 0
            || !function.MayTrain)
        {
            return;
        }

        var kinship = new GradientKinship(step.Target!, function, code, cancellation);
        GradientStates? states = GradientHistory.Of(kinship, function, code, cancellation)?.Before(call);
        if (states is not (GradientStates.Wiped or (GradientStates.Wiped | GradientStates.Empty)))
        {
            return;
        }

        Location[] clearing = function.Actions
            .Where(action => action.Kind == TrainingActionKind.Clear && action.Site.SpanStart < call.SpanStart && kinship.Of(action.Target) == true)
            .OrderBy(action => action.Site.SpanStart)
            .Select(action => action.Site.GetLocation())
            .ToArray();
        Location[] backward = function.Actions
            .Where(action => action.Kind == TrainingActionKind.Backward && action.Site.SpanStart < call.SpanStart)
            .OrderBy(action => action.Site.SpanStart)
            .Select(action => action.Site.GetLocation())
            .ToArray();
        bool canBeFixed = clearing.Length > 0 && backward.Length > 0;
        context.ReportDiagnostic(s_rule.At(
            RuleLevel.Warning,
            call.GetLocation(),
            canBeFixed ? [clearing[^1], backward[^1]] : [],
            ImmutableDictionary<string, string?>.Empty,
            step.Target!.ToString()));
    }
}
