namespace GradLint.SignalPropagation.Tests;

/// <summary>The networks that the tests speak of.</summary>
internal static class Networks
{
    /// <summary>A stack of linear layers of one width with an activation between them.</summary>
    public static NetworkGraph Stack(int layers, int width, Activation activation, Initializer? weight = null, Initializer? bias = null, bool withBias = false, int? outputs = null)
    {
        List<GraphNode> nodes = [new("input", new InputLayer([width]), [])];
        string last = "input";
        for (int i = 1; i <= layers; i++)
        {
            nodes.Add(new($"fc{i}", Linear(width, i == layers ? outputs ?? width : width, weight, withBias ? bias ?? LinearLayer.DefaultBias : bias), [last]));
            last = $"fc{i}";
            if (i < layers)
            {
                nodes.Add(new($"act{i}", new ActivationLayer(activation), [last]));
                last = $"act{i}";
            }
        }

        return new NetworkGraph(nodes, last);
    }

    public static LinearLayer Linear(int inputs, int outputs, Initializer? weight = null, Initializer? bias = null) =>
        new(inputs, outputs) { Weight = weight ?? LinearLayer.DefaultWeight, Bias = bias };
}
