using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>Networks as they would be after a change: predicted, they tell what a repair is worth.</summary>
internal static class WhatIf
{
    /// <summary>The same network with other layers in some places.</summary>
    public static NetworkGraph Replacing(this NetworkGraph graph, Func<GraphNode, Layer> layer) =>
        new(graph.Nodes.Select(node => node with { Layer = layer(node) }), graph.Output.Name);

    /// <summary>The same network with a norm behind each of the layers.</summary>
    public static NetworkGraph NormalizingAfter(this NetworkGraph graph, ICollection<string> layers)
    {
        string norm(string input) => layers.Contains(input) ? NormOf(input) : input;
        IEnumerable<GraphNode> nodes = graph.Nodes.SelectMany(node =>
        {
            GraphNode rewired = node with { Inputs = [.. node.Inputs.Select(norm)] };
            return layers.Contains(node.Name) ? [rewired, new GraphNode(NormOf(node.Name), FittingNorm(node.Layer), [node.Name])] : new[] { rewired };
        });
        return new NetworkGraph(nodes, norm(graph.Output.Name));
    }

    /// <summary>The same network with a norm in front of each of the layers.</summary>
    public static NetworkGraph NormalizingBefore(this NetworkGraph graph, ICollection<string> layers) => new(
        graph.Nodes.SelectMany(node => layers.Contains(node.Name)
            ? [new GraphNode(NormOf(node.Name), FittingNorm(node.Layer), node.Inputs), node with { Inputs = [NormOf(node.Name)] }]
            : new[] { node }),
        graph.Output.Name);

    /// <summary>LayerNorm works for whatever shape a linear layer is given, and keeps the gradient's size at any depth.</summary>
    private static Layer FittingNorm(Layer layer) => layer is ConvolutionBase ? new BatchNormLayer() : new LayerNormLayer();

    private static string NormOf(string layer) => $"norm:{layer}";
}
