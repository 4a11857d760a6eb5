using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>Predicts, from the structure alone, how the gradient grows on its way back through a network.</summary>
public static class SignalPropagator
{
    /// <summary>Propagates the forward moments from the input to the output and the backward moments from the loss to the input.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">What to assume where the graph says nothing; null for the defaults.</param>
    /// <returns>The prediction. It depends on the arguments alone, and never throws for a valid graph: where it has to stop, it says why.</returns>
    public static GradientFlow Propagate(NetworkGraph graph, PropagationOptions? options = null)
    {
        options ??= new PropagationOptions();
        if (graph.Nodes.Count > options.MostNodes)
        {
            StopReason tooLarge = new(graph.Output.Name, $"the network has {graph.Nodes.Count} nodes, more than the {options.MostNodes} that are propagated");
            return FlowBuilder.Stopped(tooLarge);
        }

        graph = CompositeLayer.Expand(graph);
        PropagationContext context = new(graph, options);
        ForwardPass forward = ForwardPass.Run(context);
        BackwardPass backward = BackwardPass.Run(context, forward);
        return FlowBuilder.Build(context, forward, backward, flow => ContributionAnalysis.Of(graph, options, flow));
    }

    /// <summary>The growth alone, however deep a network without composite layers is for its width; null where the prediction stops.</summary>
    internal static double? GrowthOf(NetworkGraph graph, PropagationOptions options)
    {
        PropagationContext context = new(graph, options);
        return FlowBuilder.GrowthOf(context, BackwardPass.Run(context, ForwardPass.Run(context)));
    }
}

/// <summary>The forward moments of every node that could be reached.</summary>
internal sealed class ForwardPass
{
    private ForwardPass(StopReason? stop) => Stop = stop;

    /// <summary>The first node at which the prediction had to stop although weight layers lie before it.</summary>
    public StopReason? Stop { get; }

    /// <summary>Propagates through the graph in topological order. What follows an unknown is unknown.</summary>
    public static ForwardPass Run(PropagationContext context)
    {
        StopReason? stop = null;
        HashSet<string> afterWeights = new();
        foreach (GraphNode node in context.Graph.Nodes)
        {
            if (node.Layer is WeightLayer || node.Inputs.Any(afterWeights.Contains))
            {
                afterWeights.Add(node.Name);
            }

            if (!node.Inputs.All(context.Steps.ContainsKey))
            {
                continue;
            }

            Step step = new(node, node.Inputs.Select(input => context.Steps[input].Output).ToArray(), context) { Seed = context.Steps.Count + 1 };
            try
            {
                Signal output = node.Layer.Forward(step);
                step.Output = node.Layer.KeepsUnits || output.Units is null ? output : output with { Units = null };
            }
            catch (PredictionStopException error) when (afterWeights.Contains(node.Name))
            {
                stop ??= new StopReason(node.Name, error.Message);
                continue;
            }
            catch (PredictionStopException error)
            {
                context.Assume($"what comes out of '{node.Name}' is N(0, 1) ({error.Message})");
                step.Output = Signal.StandardNormal(new Shape(null), context.Options.AssumedWidth);
                step.IsAssumed = true;
            }

            context.Steps.Add(node.Name, step);
        }

        return new ForwardPass(stop);
    }
}

/// <summary>The gradient at the output of every node.</summary>
internal sealed class BackwardPass
{
    private readonly Dictionary<string, Gradient> _atOutput = new();

    /// <summary>The gradient at a node's output; null where none arrives.</summary>
    public Gradient? this[string node] => _atOutput.TryGetValue(node, out Gradient? gradient) ? gradient : null;

    /// <summary>Propagates from the loss back through the graph. Where the forward pass stopped there is nothing.</summary>
    public static BackwardPass Run(PropagationContext context, ForwardPass forward)
    {
        BackwardPass pass = new();
        if (!pass.Start(context, forward))
        {
            return pass;
        }

        foreach (GraphNode node in context.Graph.Nodes.Reverse())
        {
            if (pass._atOutput.TryGetValue(node.Name, out Gradient? gradient) && context.Steps.TryGetValue(node.Name, out Step? step)
                && !step.IsAssumed)
            {
                pass.Through(context, node, node.Layer.Backward(step, gradient));
            }
        }

        return pass;
    }

    // The loss, or a unit gradient where what cannot be understood comes after the last weight layer.
    private bool Start(PropagationContext context, ForwardPass forward)
    {
        if (forward.Stop is null)
        {
            context.Assume(context.Options.Loss.Assumption);
            context.Assume($"the batch has {context.Options.BatchSize} samples");
            _atOutput.Add(context.Graph.Output.Name, context.Options.Loss.At(context.Steps[context.Graph.Output.Name].Output, context));
            return true;
        }

        if (context.Graph.Nodes.Any(node => node.Layer is WeightLayer && !context.Steps.ContainsKey(node.Name)))
        {
            return false;
        }

        // Every weight layer is known: the gradient starts, with an unknown size, where the known part ends.
        GraphNode end = context.Graph.Nodes.Last(node => context.Steps.ContainsKey(node.Name));
        context.Assume($"the gradient that arrives at '{end.Name}' does not depend on the input");
        _atOutput.Add(end.Name, new Gradient { Shape = context.Steps[end.Name].Output.Shape, LnP = 0 });
        return true;
    }

    private void Through(PropagationContext context, GraphNode node, IReadOnlyList<Gradient> gradients)
    {
        for (int i = 0; i < gradients.Count; i++)
        {
            string input = node.Inputs[i];
            Gradient arriving = node.Layer.KeepsUnits || gradients[i].Units is null ? gradients[i] : gradients[i] with { Units = null };
            _atOutput[input] = _atOutput.TryGetValue(input, out Gradient? there)
                ? there.Plus(arriving, context.Steps[input].Output, context.Units(context.Steps[input].Output), context.Steps[input].Seed)
                : arriving;
        }
    }
}
