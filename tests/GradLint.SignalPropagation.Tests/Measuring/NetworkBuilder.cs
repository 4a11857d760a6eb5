namespace GradLint.SignalPropagation.Tests.Measuring;

/// <summary>Builds a chain of nodes with branches, each named after its kind and number.</summary>
internal sealed class NetworkBuilder
{
    private readonly List<GraphNode> _nodes = [];

    public NetworkBuilder(params int?[] inputShape) => _nodes.Add(new GraphNode("input", new InputLayer(inputShape), []));

    /// <summary>The node added last, from which the next one reads.</summary>
    public string Last { get; set; } = "input";

    /// <summary>Adds a layer that reads from the last node.</summary>
    public NetworkBuilder Add(Layer layer) => AddTo(layer, Last);

    /// <summary>Adds a layer that reads from the named nodes.</summary>
    public NetworkBuilder AddTo(Layer layer, params string[] inputs)
    {
        Last = $"{layer.Kind.ToLowerInvariant()}{_nodes.Count}";
        _nodes.Add(new GraphNode(Last, layer, inputs));
        return this;
    }

    /// <summary>Adds a layer that reads from the last node and uses the weights of another one.</summary>
    public NetworkBuilder AddSharing(Layer layer, string owner)
    {
        Add(layer);
        _nodes[^1] = _nodes[^1] with { SharesWeightsWith = owner };
        return this;
    }

    public NetworkGraph Build() => new(_nodes, Last);
}
