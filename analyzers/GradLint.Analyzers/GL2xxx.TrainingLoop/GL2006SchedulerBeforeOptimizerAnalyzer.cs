using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL2006: a schedule moves on before the optimizer has used the rate that it is at.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2006SchedulerBeforeOptimizerAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.SchedulerBeforeOptimizer,
        RuleCategory.TrainingLoop,
        RuleLevel.Warning,
        "The schedule moves on before the optimizer steps",
        "'{0}' runs before the iteration's first '{1}', so the first learning rate of the schedule is never used; let the optimizer step first",
        "A schedule is at its first value once it is made. Where it moves on before the optimizer steps, that value is skipped and all others come one step too early.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls(["step"], site => Analyze(site, (InvocationExpressionSyntax)site.Operation.Syntax, code));
    }

    private static void Analyze(CodeSite context, InvocationExpressionSyntax call, TrainingCode code)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (call.Parent is not ExpressionStatementSyntax statement
            || code.FunctionAround(call, cancellation) is not { } function
            || function.Actions.FirstOrDefault(action => action.Site == call && action.Kind == TrainingActionKind.AdvanceSchedule) is not { } advance)
        {
            return;
        }

        SyntaxNode iteration = FunctionBody.LoopsAround(call).FirstOrDefault() ?? function.Node;
        if (!RunsAlways(statement, iteration))
        {
            return;
        }

        (SyntaxNode Site, Place? Optimizer)[] steps = StepsIn(function, iteration, code, cancellation).OrderBy(step => step.Site.SpanStart).ToArray();
        if (steps.Length > 0
            && steps[0].Site.SpanStart > call.SpanStart
            && (iteration != function.Node || !FunctionBody.LoopsAround(steps[0].Site).Any())
            && IsSame(advance.Target, steps.Select(step => step.Optimizer)))
        {
            context.ReportDiagnostic(s_rule.At(
                RuleLevel.Warning, call.GetLocation(), [steps[0].Site.GetLocation()], ImmutableDictionary<string, string?>.Empty, call.ToString(), Written(steps[0].Site)));
        }
    }

    private static IEnumerable<(SyntaxNode Site, Place? Optimizer)> StepsIn(
        FunctionBody function, SyntaxNode iteration, TrainingCode code, CancellationToken cancellation) =>
        function.Actions.Select(action => (action.Site, action.Effect))
            .Concat(function.Calls.SelectMany(call => code.EffectsOf(call, cancellation).Select(effect => (call.Site, Effect: effect))))
            .Where(found => found.Effect.Kind == TrainingActionKind.Step && iteration.Span.Contains(found.Site.Span))
            .Select(found => (found.Site, found.Effect.Target));

    /// <summary>Whether the schedule is that of the optimizer that steps: of several it must be seen to be.</summary>
    private static bool IsSame(Place? scheduled, IEnumerable<Place?> stepped)
    {
        Place?[] optimizers = stepped.Distinct().ToArray();
        return scheduled is not null && optimizers.All(optimizer => optimizer?.IsSameAs(scheduled) == true)
            || optimizers.Length == 1 && (scheduled is null || optimizers[0] is null);
    }

    private static bool RunsAlways(StatementSyntax statement, SyntaxNode iteration) =>
        statement.Ancestors().TakeWhile(ancestor => ancestor != iteration).All(ancestor =>
            ancestor is BlockSyntax or UsingStatementSyntax or LockStatementSyntax or TryStatementSyntax or GlobalStatementSyntax or CheckedStatementSyntax);

    private static string Written(SyntaxNode site) => site is InvocationExpressionSyntax { Expression: var called } ? called + "()" : site.ToString();
}
