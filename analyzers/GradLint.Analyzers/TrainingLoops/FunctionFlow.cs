using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>The order in which one function's code acts on gradients: its control-flow graph, reduced to what does so.</summary>
internal sealed class FunctionFlow
{
    private FunctionFlow(ImmutableArray<FlowBlock> blocks) => Blocks = blocks;

    /// <summary>The first is the function's entry.</summary>
    public ImmutableArray<FlowBlock> Blocks { get; }

    public IEnumerable<FlowEvent> Events => Blocks.SelectMany(block => block.Events);

    /// <summary>Null where the function's order cannot be told: code that does not compile yet, or gradients handled in <c>finally</c> and <c>catch</c>.</summary>
    public static FunctionFlow? Of(FunctionBody function, TrainingCode code, CancellationToken cancellation)
    {
        if (FindGraph(function, code, cancellation) is not { } graph)
        {
            return null;
        }

        Dictionary<SyntaxNode, ImmutableArray<Effect>> effects = EffectsBySite(function, code, cancellation);
        var blocks = ImmutableArray.CreateBuilder<FlowBlock>(graph.Blocks.Length);
        foreach (BasicBlock block in graph.Blocks)
        {
            ImmutableArray<FlowEvent> events = EventsOf(block, effects).ToImmutableArray();
            if (!events.IsEmpty && IsHandler(block.EnclosingRegion))
            {
                return null;
            }

            blocks.Add(new FlowBlock(events, SuccessorsOf(block).ToImmutableArray()));
        }

        return new FunctionFlow(blocks.MoveToImmutable());
    }

    private static Dictionary<SyntaxNode, ImmutableArray<Effect>> EffectsBySite(FunctionBody function, TrainingCode code, CancellationToken cancellation) =>
        function.Actions.Select(action => (action.Site, action.Effect))
            .Concat(function.Calls.SelectMany(call => code.EffectsOf(call, cancellation).Select(effect => (call.Site, Effect: effect))))
            .GroupBy(found => found.Site, found => found.Effect)
            .ToDictionary(site => site.Key, site => site.Distinct().ToImmutableArray());

    private static IEnumerable<FlowEvent> EventsOf(BasicBlock block, Dictionary<SyntaxNode, ImmutableArray<Effect>> effects)
    {
        var seen = new HashSet<SyntaxNode>();
        IEnumerable<IOperation> operations = block.BranchValue is { } value ? block.Operations.Append(value) : block.Operations;
        foreach (IOperation operation in operations.SelectMany(InOrderOfEvaluation))
        {
            if (effects.TryGetValue(operation.Syntax, out ImmutableArray<Effect> found) && seen.Add(operation.Syntax))
            {
                yield return new FlowEvent(operation.Syntax, found);
            }
        }
    }

    private static IEnumerable<IOperation> InOrderOfEvaluation(IOperation operation)
    {
        foreach (IOperation part in operation.ChildOperations)
        {
            foreach (IOperation inner in InOrderOfEvaluation(part))
            {
                yield return inner;
            }
        }

        yield return operation;
    }

    private static IEnumerable<int> SuccessorsOf(BasicBlock block)
    {
        if (block.ConditionalSuccessor?.Destination is { } conditional)
        {
            yield return conditional.Ordinal;
        }

        if (block.FallThroughSuccessor?.Destination is { } next)
        {
            yield return next.Ordinal;
        }
    }

    private static bool IsHandler(ControlFlowRegion? region)
    {
        for (ControlFlowRegion? around = region; around is not null; around = around.EnclosingRegion)
        {
            if (around.Kind is ControlFlowRegionKind.Finally or ControlFlowRegionKind.Catch or ControlFlowRegionKind.Filter)
            {
                return true;
            }
        }

        return false;
    }

    private static ControlFlowGraph? FindGraph(FunctionBody function, TrainingCode code, CancellationToken cancellation)
    {
        IOperation? root = code.Source.OperationAt(function.Node, cancellation)?.Root();

        try
        {
            ControlFlowGraph? outermost = root switch
            {
                IMethodBodyOperation body => ControlFlowGraph.Create(body, cancellation),
                IConstructorBodyOperation body => ControlFlowGraph.Create(body, cancellation),
                IBlockOperation body => ControlFlowGraph.Create(body, cancellation),
                IFieldInitializerOperation initializer => ControlFlowGraph.Create(initializer, cancellation),
                IPropertyInitializerOperation initializer => ControlFlowGraph.Create(initializer, cancellation),
                _ => null,
            };
            return outermost is null ? null : root!.Syntax == function.Node ? outermost : FindGraph(outermost, function.Node, cancellation) ?? OwnGraph(root, function.Node, outermost);
        }
        catch (InsufficientExecutionStackException)
        {
            return null;
        }
    }

    /// <summary>The graph of a body whose function is not the body's own node: <c>int P => ...;</c>.</summary>
    private static ControlFlowGraph? OwnGraph(IOperation root, SyntaxNode function, ControlFlowGraph graph) =>
        root.Syntax.Parent == function || function.Parent == root.Syntax ? graph : null;

    /// <summary>The graph of a lambda or local function inside another function.</summary>
    private static ControlFlowGraph? FindGraph(ControlFlowGraph outer, SyntaxNode function, CancellationToken cancellation)
    {
        foreach (IMethodSymbol local in outer.LocalFunctions)
        {
            if (local.DeclaringSyntaxReferences.Any(reference => reference.SyntaxTree == function.SyntaxTree && reference.Span.Contains(function.Span)))
            {
                ControlFlowGraph graph = outer.GetLocalFunctionControlFlowGraph(local, cancellation);
                return local.DeclaringSyntaxReferences.Any(reference => reference.Span == function.Span) ? graph : FindGraph(graph, function, cancellation);
            }
        }

        foreach (IFlowAnonymousFunctionOperation lambda in outer.Blocks
            .SelectMany(block => block.BranchValue is { } value ? block.Operations.Append(value) : block.Operations)
            .SelectMany(operation => operation.DescendantsAndSelf())
            .OfType<IFlowAnonymousFunctionOperation>())
        {
            if (lambda.Syntax.Span.Contains(function.Span))
            {
                ControlFlowGraph graph = outer.GetAnonymousFunctionControlFlowGraph(lambda, cancellation);
                return lambda.Syntax == function ? graph : FindGraph(graph, function, cancellation);
            }
        }

        return null;
    }
}

/// <summary>A stretch of code without branches.</summary>
/// <param name="Events">What acts on gradients, in order.</param>
/// <param name="Successors">The blocks that may follow, as indices.</param>
internal sealed record FlowBlock(ImmutableArray<FlowEvent> Events, ImmutableArray<int> Successors);

/// <summary>One spot that acts on gradients: an action, or a call of what does, with all that happens in it.</summary>
internal sealed record FlowEvent(SyntaxNode Site, ImmutableArray<Effect> Effects);
