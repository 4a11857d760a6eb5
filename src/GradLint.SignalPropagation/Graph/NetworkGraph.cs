using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// The structure of a network: an immutable directed acyclic graph of layers. It is validated on construction, and unknown sizes are null,
/// never guessed.
/// </summary>
public sealed class NetworkGraph
{
    private readonly Dictionary<string, GraphNode> _byName = new();

    /// <summary>Validates and orders the nodes.</summary>
    /// <param name="nodes">The nodes, in any order.</param>
    /// <param name="output">The name of the node whose output goes into the loss.</param>
    /// <exception cref="NetworkGraphException">A name is used twice, an input or the output does not exist, a node has the wrong number of inputs or an
    /// impossible size, the nodes form a cycle, or a node does not lead to the output.</exception>
    public NetworkGraph(IEnumerable<GraphNode> nodes, string output)
    {
        List<GraphNode> given = new(nodes);
        foreach (GraphNode node in given)
        {
            if (_byName.ContainsKey(node.Name))
            {
                throw new NetworkGraphException(node.Name, "is the name of two nodes");
            }

            _byName.Add(node.Name, node);
        }

        if (!_byName.TryGetValue(output, out GraphNode? outputNode))
        {
            throw new NetworkGraphException(output, "is named as the output, but there is no such node");
        }

        Output = outputNode;
        foreach (GraphNode node in given)
        {
            GraphValidation.Check(node, _byName);
        }

        Nodes = GraphValidation.TopologicalOrder(given, _byName);
        GraphValidation.CheckAllLeadTo(outputNode, given, _byName);
    }

    // Of nodes that are in order, and lead to the output.
    private NetworkGraph(IReadOnlyList<GraphNode> ordered, string output)
    {
        Nodes = ordered;
        foreach (GraphNode node in ordered)
        {
            _byName.Add(node.Name, node);
        }

        Output = _byName[output];
    }

    /// <summary>The nodes in topological order: every node after its inputs, otherwise in the order given.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>The node whose output goes into the loss.</summary>
    public GraphNode Output { get; }

    /// <summary>The node of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is no such node.</exception>
    public GraphNode this[string name] =>
        _byName.TryGetValue(name, out GraphNode? node) ? node : throw new KeyNotFoundException($"The graph has no node '{name}'.");

    /// <summary>Reads the text form that <see cref="ToString"/> writes.</summary>
    /// <param name="text">One node per line; empty lines and lines that start with # are skipped; the last node is the output.</param>
    /// <exception cref="NetworkGraphException">A line cannot be read, or the graph is not valid.</exception>
    public static NetworkGraph Parse(string text) => GraphText.Read(text);

    /// <summary>
    /// The text form, one node per line, the output last, e.g.
    /// <c>fc1 = Linear(784 -> 128, weight: KaimingNormal(slope: 0), bias: FanInUniform) &lt;- input</c>.
    /// </summary>
    public override string ToString() => GraphText.Write(this);

    /// <summary>The nodes to which the loss sends a gradient: all but those that lead to the output through a <see cref="DetachLayer"/> alone.</summary>
    internal IReadOnlyList<GraphNode> Trained()
    {
        if (!Nodes.Any(node => node.Layer is DetachLayer))
        {
            return Nodes;
        }

        HashSet<string> reached = new() { Output.Name };
        foreach (GraphNode node in Nodes.Reverse().Where(node => node.Layer is not DetachLayer && reached.Contains(node.Name)))
        {
            reached.UnionWith(node.Inputs);
        }

        return Nodes.Where(node => reached.Contains(node.Name)).ToArray();
    }

    /// <summary>The same graph with each node's layer replaced by one of as many inputs that is valid.</summary>
    internal NetworkGraph With(System.Func<GraphNode, Layer> layer) => new(Nodes.Select(node => node with { Layer = layer(node) }).ToArray(), Output.Name);
}
