namespace GradLint.SignalPropagation.Tests;

/// <summary>One layer by itself, with moments at its inputs and at its output of which none is 0, so that each counts.</summary>
internal static class OneLayer
{
    /// <summary>q = 3, m / sqrt q = 0.5.</summary>
    public static Signal Signal(params int?[] shape) => new()
    {
        Shape = new Shape(shape),
        Axis = UnitAxis.Last,
        LnQ = Math.Log(3),
        MeanRatio = 0.5,
        UnitCorrelation = 0.25,
        Correlation = new Pairs(0.4, 0.5, 0.35),
        CorrelationVariance = 0.02,
        Fluctuation = 0.1,
        BatchFluctuation = 0.04,
        Doubt = 0.05,
    };

    /// <summary>The same with channels first.</summary>
    public static Signal Channels(params int?[] shape) => Signal(shape) with { Axis = UnitAxis.First };

    /// <summary>The same without a common mean.</summary>
    public static Signal Centred(this Signal signal) => signal with { MeanRatio = 0, UnitCorrelation = 0 };

    /// <summary>p = 2, a / sqrt p = 0.3, kappa sqrt(q / p) = 0.4.</summary>
    public static Gradient Gradient(Step step) => new()
    {
        Shape = step.Output.Shape,
        LnP = Math.Log(2),
        MeanRatio = 0.3,
        UnitCorrelation = 0.1,
        Correlation = new Pairs(0.2, 0.6, 0.15),
        Alignment = 0.4,
        CorrelationSlope = new Pairs(0.5, 0.25, 0.125),
        Doubt = 0.03,
        OfNorm = new Fluctuation(0.2, 0.5),
        OfGrowth = new Fluctuation(0.1, 0.25),
    };

    /// <summary>The layer after its forward pass.</summary>
    public static Step Forward(Layer layer, params Signal[] inputs) => Forward(layer, batch: 8, inputs);

    /// <summary>The layer after its forward pass, in a batch of that size.</summary>
    public static Step Forward(Layer layer, int batch, params Signal[] inputs)
    {
        string[] names = [.. inputs.Select((_, i) => $"x{i}")];
        GraphNode node = new("layer", layer, names);
        NetworkGraph graph = new([.. names.Select(name => new GraphNode(name, new InputLayer(), [])), node], "layer");
        PropagationContext context = new(graph, new PropagationOptions { BatchSize = batch });
        for (int i = 0; i < inputs.Length; i++)
        {
            context.Steps[names[i]] = new Step(graph[names[i]], [], context) { Output = inputs[i] };
        }

        Step step = new(node, inputs, context);
        step.Output = layer.Forward(step);
        return step;
    }

    /// <summary>The layer after its forward pass, behind a ReLU.</summary>
    public static Step BehindReLU(Layer layer, Signal rectified)
    {
        NetworkGraph graph = new([new("x", new InputLayer(), []), new("relu", new ActivationLayer(Activation.ReLU), ["x"]), new("layer", layer, ["relu"])], "layer");
        PropagationContext context = new(graph, new PropagationOptions());
        context.Steps["x"] = new Step(graph["x"], [], context) { Output = rectified };
        foreach (GraphNode node in graph.Nodes.Skip(1))
        {
            Step step = new(node, [context.Steps[node.Inputs[0]].Output], context);
            step.Output = node.Layer.Forward(step);
            context.Steps[node.Name] = step;
        }

        return context.Steps["layer"];
    }

    /// <summary>The gradient at the layer's only input.</summary>
    public static Gradient Backward(this Step step) => step.Node.Layer.Backward(step, Gradient(step))[0];

    /// <summary>The same number.</summary>
    public static void IsClose(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1, Math.Abs(expected)));

    /// <summary>The same number for each kind of pair.</summary>
    public static void IsClose(Pairs expected, Pairs actual)
    {
        IsClose(expected.Sample, actual.Sample);
        IsClose(expected.Position, actual.Position);
        IsClose(expected.Both, actual.Both);
    }
}
