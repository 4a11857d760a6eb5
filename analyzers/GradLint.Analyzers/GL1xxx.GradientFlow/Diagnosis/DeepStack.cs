using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>A stack of layers without normalization and skip connections whose gradient explodes or vanishes.</summary>
/// <param name="Layers">The layers, in order of use.</param>
/// <param name="Growth">Decades by which the backward signal grows from the last of them to the first.</param>
/// <param name="ToNormalize">The code that creates the layers to be followed by a norm; null where a norm there cannot help, or not all have such code.</param>
/// <param name="Location">Where it is reported.</param>
/// <param name="Level">How serious it is.</param>
internal sealed record DeepStack(IReadOnlyList<GraphNode> Layers, double Growth, IReadOnlyList<SyntaxNode>? ToNormalize, Location Location, RuleLevel Level)
    : FlowFinding(Location, Level)
{
    public static IEnumerable<DeepStack> FindAll(Network network, AnalyzerConfigOptions options)
    {
        double warning = RuleOptions.GL1001Decades.In(options);
        double advice = Math.Min(warning, RuleOptions.GL1001AdviceDecades.In(options));
        return network.Skips.Stacks(acrossNormalization: false)
            .Where(stack => stack.Count >= RuleOptions.GL1001Layers.In(options) && Math.Abs(network.GrowthThrough(stack)) >= advice)
            .Select(stack => new DeepStack(
                stack,
                network.GrowthThrough(stack),
                FindLayersToNormalize(network, stack),
                network.LocationOf(network.CreationsOf([stack[0]])?[0]),
                Math.Abs(network.GrowthThrough(stack)) >= warning ? RuleLevel.Warning : RuleLevel.Advice));
    }

    private static IReadOnlyList<SyntaxNode>? FindLayersToNormalize(Network network, IReadOnlyList<GraphNode> stack)
    {
        GraphNode output = network.Graph.Nodes.Last(node => node.Layer is WeightLayer);
        GraphNode[] inner = [.. stack.Where(node => node != output)];
        IReadOnlyList<SyntaxNode>? creations = network.CreationsOf(inner);
        if (creations is null || network.CreationsOf([output]) is not [var last])
        {
            return null;
        }

        // What comes out of the network must not be normalized; the last layer of a trunk, with its activation, may be.
        bool isTrunk = network.Graph.Output != output;
        bool helps = network.Model.Predict(network.Graph.NormalizingAfter([.. inner.Select(node => node.Name)])).Growth is { } growth
            && Math.Abs(growth) < Math.Abs(network.GrowthThrough(stack));
        return helps && (isTrunk || !creations.Contains(last)) ? creations : null;
    }
}
