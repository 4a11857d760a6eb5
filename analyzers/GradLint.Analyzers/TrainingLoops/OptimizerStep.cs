using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>One <c>optimizer.step()</c> in the source, or a guard's step in its place: where the loop rules look from.</summary>
internal sealed class OptimizerStep
{
    /// <summary>The name of the method.</summary>
    public const string Method = "step";

    private const int MostFrames = 64;
    private const int DeepestCaller = 4;

    private OptimizerStep(TrainingCode code, FunctionBody function, TrainingAction action, CancellationToken cancellation)
    {
        Function = function;
        Call = (InvocationExpressionSyntax)action.Site;
        Operation = (IInvocationOperation)action.Operation;
        Optimizer = action.Target!;
        Frames = FindFrames(new TrainingFrame(code, function, Call, [Optimizer], [], cancellation));
    }

    public FunctionBody Function { get; }

    public InvocationExpressionSyntax Call { get; }

    public IInvocationOperation Operation { get; }

    public Place Optimizer { get; }

    /// <summary>The step's own function first, then those that call it, nearest first.</summary>
    public ImmutableArray<TrainingFrame> Frames { get; }

    /// <summary>The optimizer as the code writes it.</summary>
    public string OptimizerText => Operation.TargetMethod.Name == Method && Operation.Instance is { } optimizer ? optimizer.Syntax.ToString() : Optimizer.ToString();

    /// <summary>The step that an invocation is; null where it is none, or of something that cannot be told.</summary>
    public static OptimizerStep? Find(InvocationExpressionSyntax call, TrainingCode code, CancellationToken cancellation)
    {
        if (FileNames.NameOf(call.Expression) != Method || code.FunctionAround(call, cancellation) is not { } function)
        {
            return null;
        }

        TrainingAction? action = function.Actions.FirstOrDefault(action => action.Site == call && IsStep(action));
        return action is null ? null : new OptimizerStep(code, function, action, cancellation);
    }

    /// <summary>The steps of one function, in the order in which they are written.</summary>
    public static IEnumerable<OptimizerStep> FindAll(FunctionBody function, TrainingCode code, CancellationToken cancellation) =>
        function.Actions
            .Where(IsStep)
            .OrderBy(action => action.Site.SpanStart)
            .Select(action => new OptimizerStep(code, function, action, cancellation));

    /// <summary>Whether the same function steps the same optimizer further up: what is to be said is said there.</summary>
    public bool IsRepeated() =>
        Function.Actions.Any(action => IsStep(action) && action.Site.SpanStart < Call.SpanStart && action.Target!.IsSameAs(Optimizer));

    private static bool IsStep(TrainingAction action) =>
        action is { Kind: TrainingActionKind.Step, Target: not null, Site: InvocationExpressionSyntax };

    private static ImmutableArray<TrainingFrame> FindFrames(TrainingFrame start)
    {
        ImmutableArray<TrainingFrame>.Builder frames = ImmutableArray.CreateBuilder<TrainingFrame>();
        var seen = new HashSet<SyntaxNode>();
        var open = new Queue<(TrainingFrame Frame, int Depth)>();
        open.Enqueue((start, 0));
        while (open.Count > 0 && frames.Count < MostFrames)
        {
            (TrainingFrame frame, int depth) = open.Dequeue();
            frames.Add(frame);
            foreach (TrainingFrame caller in depth < DeepestCaller ? frame.FindCallers() : [])
            {
                if (seen.Add(caller.Site))
                {
                    open.Enqueue((caller, depth + 1));
                }
            }
        }

        return frames.ToImmutable();
    }
}
