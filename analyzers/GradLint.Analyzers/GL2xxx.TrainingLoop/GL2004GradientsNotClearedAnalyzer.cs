using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL2004: a loop adds gradients to those of all its earlier iterations.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL2004GradientsNotClearedAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.GradientsNotCleared,
        RuleCategory.TrainingLoop,
        RuleLevel.Warning,
        "Gradients are never cleared between the iterations of a training loop",
        "Nothing in the training loop clears the gradients of {0}, so backward adds to those of every iteration before; call 'zero_grad()' once per step",
        "TorchSharp adds new gradients to the old ones. A loop that never clears them steps along the sum over all batches since it began, which grows "
        + "without bound.");

    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp)
    {
        TrainingCode code = TrainingCode.Of(context.Compilation, torchSharp);
        context.RegisterCalls([OptimizerStep.Method, "Step"], site => Analyze(site, (InvocationExpressionSyntax)site.Operation.Syntax, code));
    }

    /// <summary>What is said of all steps of a function is said at the first of them.</summary>
    private static void Analyze(CodeSite context, InvocationExpressionSyntax step, TrainingCode code)
    {
        CancellationToken cancellation = context.CancellationToken;
        if (code.FunctionAround(step, cancellation) is not { } function || OptimizerStep.FindAll(function, code, cancellation).FirstOrDefault()?.Call != step)
        {
            return;
        }

        foreach (IGrouping<SyntaxNode, OptimizerStep> accumulation in FindAccumulations(function, code, cancellation))
        {
            if (accumulation.Key is InvocationExpressionSyntax source && code.Names.IsTraining(source, cancellation))
            {
                OptimizerStep[] steps = accumulation.GroupBy(one => one.OptimizerText).Select(same => same.First()).ToArray();
                context.ReportDiagnostic(s_rule.At(
                    RuleLevel.Warning,
                    source.GetLocation(),
                    steps.Select(one => one.Call.GetLocation()),
                    ImmutableDictionary<string, string?>.Empty.Add(GL2004Facts.Optimizers, string.Join("\n", steps.Select(one => one.OptimizerText))),
                    string.Join(" and ", steps.Select(one => $"'{one.OptimizerText}'"))));
            }
        }
    }

    /// <summary>The steps of a function that take gradients which nothing clears, by the code that adds to them.</summary>
    private static ILookup<SyntaxNode, OptimizerStep> FindAccumulations(FunctionBody function, TrainingCode code, CancellationToken cancellation) =>
        OptimizerStep.FindAll(function, code, cancellation)
            .Select(step => (Step: step, Source: FindUncleared(step, code, cancellation)))
            .Where(found => found.Source is not null)
            .ToLookup(found => found.Source!, found => found.Step);

    /// <summary>The code that adds to gradients which nothing clears: the backward, or what stands for it in the step's function; null where all is well.</summary>
    private static SyntaxNode? FindUncleared(OptimizerStep step, TrainingCode code, CancellationToken cancellation)
    {
        SyntaxNode? uncleared = null;
        foreach (TrainingFrame frame in step.Frames)
        {
            SyntaxNode? loop = FunctionBody.IterationsAround(frame.Site).FirstOrDefault(loop => frame.SeesWithin(loop, TrainingActionKind.Backward));
            if (loop is null)
            {
                continue;
            }

            if (frame.SeesWithin(loop, TrainingActionKind.Clear, TrainingActionKind.HandOver) || StartsAfresh(frame, loop, code, cancellation))
            {
                return null;
            }

            uncleared ??= loop;
            if (frame.Function == step.Function)
            {
                break;
            }
        }

        return uncleared is null ? null : FindBackward(step, uncleared, code, cancellation);
    }

    /// <summary>Each iteration has a model, and so gradients, of its own.</summary>
    private static bool StartsAfresh(TrainingFrame frame, SyntaxNode loop, TrainingCode code, CancellationToken cancellation) =>
        (frame.Models.IsEmpty ? frame.Optimizers : frame.Models)
            .SelectMany(place => code.Names.ValuesOf(place.Root.Symbol, cancellation))
            .Any(assigned => assigned.Share == ValueShare.Whole && loop.Span.Contains(assigned.Target.Span));

    private static SyntaxNode FindBackward(OptimizerStep step, SyntaxNode loop, TrainingCode code, CancellationToken cancellation)
    {
        bool isHere = loop.Span.Contains(step.Call.Span) && loop.SyntaxTree == step.Call.SyntaxTree;
        return step.Function.Actions
            .Where(action => action.Kind == TrainingActionKind.Backward)
            .Select(action => action.Site)
            .Concat(step.Function.Calls
                .Where(called => code.EffectsOf(called, cancellation).Any(effect => effect.Kind == TrainingActionKind.Backward))
                .Select(called => called.Site))
            .Where(site => site.SpanStart < step.Call.SpanStart && (!isHere || loop.Span.Contains(site.Span)))
            .OrderBy(site => site.SpanStart)
            .LastOrDefault() ?? step.Call;
    }
}

/// <summary>The names under which a GL2004 diagnostic carries facts to its code fix.</summary>
internal static class GL2004Facts
{
    /// <summary>The optimizers to clear, one a line, in the order of the steps at the additional locations.</summary>
    public const string Optimizers = "Optimizers";
}
