using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>A layer that is propagated as the layers that it consists of; its parts are named after it: layer.part.</summary>
public abstract record CompositeLayer : Layer
{
    // The layer's own inputs, first to last.
    private static readonly string[] s_ownInputs = { "<1", "<2" };

    private protected CompositeLayer()
    {
    }

    /// <summary>The parts in order, the last one being the output. The layer's own inputs go by the given names.</summary>
    internal abstract IEnumerable<(string Name, Layer Layer, string[] Inputs)> Parts(IReadOnlyList<string> inputs);

    internal override Signal Forward(Step step) => throw new InvalidOperationException("A composite layer is expanded before it is propagated.");

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => throw new InvalidOperationException("A composite layer is expanded before it is propagated.");

    /// <summary>A graph with every composite layer replaced by its parts.</summary>
    internal static NetworkGraph Expand(NetworkGraph graph)
    {
        if (!graph.Nodes.Any(node => node.Layer is CompositeLayer))
        {
            return graph;
        }

        List<GraphNode> nodes = new();
        Dictionary<string, string> outputs = new();
        foreach (GraphNode node in graph.Nodes)
        {
            string[] inputs = node.Inputs.Select(input => outputs[input]).ToArray();
            outputs[node.Name] = node.Layer is CompositeLayer composite ? AddParts(nodes, node.Name, composite, inputs) : node.Name;
            if (node.Layer is not CompositeLayer)
            {
                nodes.Add(node with { Inputs = inputs });
            }
        }

        return new NetworkGraph(nodes, outputs[graph.Output.Name]);
    }

    private static string AddParts(List<GraphNode> nodes, string name, CompositeLayer composite, string[] given)
    {
        string last = given[0];
        foreach ((string part, Layer layer, string[] inputs) in composite.Parts(s_ownInputs.Take(given.Length).ToArray()))
        {
            last = $"{name}.{part}";
            nodes.Add(new GraphNode(last, layer, inputs.Select(one => Array.IndexOf(s_ownInputs, one) is >= 0 and int own ? given[own] : $"{name}.{one}").ToArray()));
        }

        return last;
    }
}
