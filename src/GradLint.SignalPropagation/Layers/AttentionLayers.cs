using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>Scaled dot-product attention with several heads over [T, E]: self-attention with one input; query, key and value with three.</summary>
/// <remarks>
/// At initialization the logits have variance s^2 = q_query q_key (1 - rho) over the keys, so that sum_j A_j^2 = exp(s^2) / T, at most 1, and q' = g_v g_o q (S + (1 - S) rho) with S
/// that sum and rho the correlation of two positions. Backward the values receive p (S + (1 - S) r); queries and keys receive what softmax lets through, smaller by S
/// (Noci et al. 2022, section 3, for the rank collapse that rho tells of).
/// </remarks>
/// <param name="EmbedDimension">E; null where it is unknown.</param>
/// <param name="Heads">The number of heads.</param>
public sealed record MultiheadAttentionLayer(int? EmbedDimension, int Heads) : WeightLayer
{
    /// <summary>The default of the projections of query, key and value: Xavier uniform over [3E, E].</summary>
    public static Initializer DefaultWeight { get; } = new XavierUniform();

    /// <inheritdoc/>
    public override string Kind => "MultiheadAttention";

    /// <summary>How the output projection is drawn; null for that of a Linear layer.</summary>
    public Initializer? OutputWeight { get; init; }

    /// <summary>Whether the logits are divided by the root of the head's dimension, as they should be.</summary>
    public bool IsScaled { get; init; } = true;

    internal override (int Least, int Most) InputCount => (1, 3);

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("embedding dimension", EmbedDimension), ("heads", Heads) };

    internal override string? Problem => EmbedDimension % Heads is > 0 ? $"has an embedding dimension that its {Heads} heads do not divide" : null;

    internal override Fans Fans(Step step) => new(Width(step), 3 * Width(step));

    internal override Signal Forward(Step step)
    {
        Signal value = step.Inputs[step.Inputs.Count - 1];
        double rho = value.Correlation.Position;
        double s = Concentration(step);
        double keys = step.Context.Positions(value);
        double lnV = value.LnQ + Math.Log(Gain(step));
        double mixed = Math.Max(1e-12, s + ((1 - s) * rho));
        double average = (1 / keys) + ((1 - (1 / keys)) * rho);
        double across = value.Correlation.Sample / keys + ((1 - (1 / keys)) * value.Correlation.Both);
        Signal query = step.Inputs[0];
        return query with
        {
            LnQ = lnV + Math.Log(mixed * OutputGain(step)),
            MeanRatio = 0,
            UnitCorrelation = 0,
            Correlation = new Pairs(across / mixed, Math.Min(1, average / mixed), across / mixed).Map(c => Math.Max(-1, Math.Min(1, c))),
            Profile = null,
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        Signal value = step.Inputs[step.Inputs.Count - 1];
        double s = Concentration(step);
        double r = gradient.Correlation.Position;
        double rho = value.Correlation.Position;
        double gain = Gain(step);
        double qv = Math.Exp(Math.Min(600, value.LnQ)) * gain;
        double lnOut = gradient.LnP + Math.Log(OutputGain(step));
        double toValue = Math.Max(1e-12, s + ((1 - s) * r));
        double scale = IsScaled ? 1 : Width(step) / Heads;
        double toQuery = scale * s * qv * Math.Exp(Math.Min(600, step.Inputs[step.Inputs.Count > 1 ? 1 : 0].LnQ)) * gain * (1 - rho) * (1 - rho);
        double toKey = scale * s * qv * Math.Exp(Math.Min(600, step.Inputs[0].LnQ)) * gain * (1 - rho);
        double[] parts = step.Inputs.Count switch
        {
            1 => new[] { toValue + toQuery + toKey },
            2 => new[] { toQuery, toKey + toValue },
            _ => new[] { toQuery, toKey, toValue },
        };
        Pairs spread = new(gradient.Correlation.Sample, Math.Min(1, ((1 / step.Context.Positions(value)) + r) / toValue), gradient.Correlation.Both);
        return step.Inputs.Select((input, i) => gradient with
        {
            Shape = input.Shape,
            LnP = lnOut + Math.Log(gain * parts[i]),
            MeanRatio = 0,
            UnitCorrelation = 0,
            Alignment = 0,
            CorrelationSlope = default,
            Correlation = spread.Map(c => Math.Max(-1, Math.Min(1, c))),
            Profile = null,
        }).ToArray();
    }

    /// <summary>That of the output projection, whose input is the mixture of values.</summary>
    internal override double LnWeightGradient(Step step, Gradient gradient)
    {
        double lnMixture = step.Output.LnQ - Math.Log(OutputGain(step));
        double pairs = step.Context.Count(step.Output) * step.Context.Mix(step.Output, 1, step.Output.Correlation.Times(gradient.Correlation));
        return Math.Log(Width(step) * Width(step) * step.Context.Count(step.Output) * Math.Max(1e-12, pairs)) + gradient.LnP + lnMixture;
    }

    internal override double WeightCount(Step step) => 4 * Width(step) * Width(step);

    private double Width(Step step) => step.Context.Width(EmbedDimension ?? step.Input.Shape.Last);

    private double Gain(Step step) => Weight.IsKnown
        ? Width(step) * Weight.Variance(Fans(step))
        : throw new PredictionStopException("its initialization is unknown");

    private double OutputGain(Step step) => Width(step) * (OutputWeight ?? LinearLayer.DefaultWeight).Variance(new Fans(Width(step), Width(step)));

    // S = E sum_j A_j^2.
    private double Concentration(Step step)
    {
        Signal key = step.Inputs[step.Inputs.Count > 1 ? 1 : 0];
        double lnLogits = step.Inputs[0].LnQ + key.LnQ + (2 * Math.Log(Gain(step))) + (IsScaled ? 0 : Math.Log(Width(step) / Heads));
        double variance = Math.Exp(Math.Min(6, lnLogits)) * Math.Max(0, 1 - key.Correlation.Position);
        double keys = step.Context.Positions(key);
        double e = Math.Exp(Math.Min(300, variance));
        return Math.Min(1, e / (keys + e - 1));
    }
}

/// <summary>A transformer encoder layer: self-attention and a feed-forward net, each with a residual connection and a LayerNorm. It is propagated as the layers that it consists of.</summary>
/// <param name="ModelDimension">E; null where it is unknown.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="FeedForward">The width of the feed-forward net; null where it is unknown.</param>
public sealed record TransformerEncoderLayer(int? ModelDimension, int Heads, int? FeedForward = 2048) : CompositeLayer
{
    /// <inheritdoc/>
    public override string Kind => "TransformerEncoder";

    /// <summary>The activation between the two linear layers.</summary>
    public Activation Function { get; init; } = Activation.ReLU;

    /// <summary>The probability to drop, after attention and twice in the feed-forward net.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Normalizes before each part instead of after each sum.</summary>
    public bool NormFirst { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes =>
        new (string, double?)[] { ("model dimension", ModelDimension), ("heads", Heads), ("feed-forward width", FeedForward) };

    internal override IEnumerable<(string Name, Layer Layer, string[] Inputs)> Parts(string input)
    {
        LayerNormLayer norm = new(new[] { ModelDimension });
        MultiheadAttentionLayer attention = new(ModelDimension, Heads) { Weight = MultiheadAttentionLayer.DefaultWeight };
        LinearLayer linear1 = new(ModelDimension, FeedForward) { Weight = LinearLayer.DefaultWeight, Bias = LinearLayer.DefaultBias };
        LinearLayer linear2 = new(FeedForward, ModelDimension) { Weight = LinearLayer.DefaultWeight, Bias = LinearLayer.DefaultBias };
        string first = NormFirst ? "norm1" : input;
        string second = NormFirst ? "add1" : "norm1";
        if (NormFirst)
        {
            yield return ("norm1", norm, new[] { input });
        }

        yield return ("self_attn", attention, new[] { first });
        yield return ("dropout1", new DropoutLayer(Dropout), new[] { "self_attn" });
        yield return ("add1", new AddLayer(), new[] { input, "dropout1" });
        yield return NormFirst ? ("norm2", norm, new[] { "add1" }) : ("norm1", norm, new[] { "add1" });
        yield return ("linear1", linear1, new[] { NormFirst ? "norm2" : "norm1" });
        yield return ("activation", new ActivationLayer(Function), new[] { "linear1" });
        yield return ("dropout", new DropoutLayer(Dropout), new[] { "activation" });
        yield return ("linear2", linear2, new[] { "dropout" });
        yield return ("dropout2", new DropoutLayer(Dropout), new[] { "linear2" });
        yield return ("add2", new AddLayer(), new[] { second, "dropout2" });
        if (!NormFirst)
        {
            yield return ("norm2", norm, new[] { "add2" });
        }
    }
}

/// <summary>A layer that is propagated as the layers that it consists of; its parts are named after it: layer.part.</summary>
public abstract record CompositeLayer : Layer
{
    private const string OwnInput = "<";

    private protected CompositeLayer()
    {
    }

    /// <summary>The parts in order, the last one being the output. The layer's own input goes by the given name.</summary>
    internal abstract IEnumerable<(string Name, Layer Layer, string[] Inputs)> Parts(string input);

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
            outputs[node.Name] = node.Layer is CompositeLayer composite ? AddParts(nodes, node.Name, composite, inputs[0]) : node.Name;
            if (node.Layer is not CompositeLayer)
            {
                nodes.Add(node with { Inputs = inputs });
            }
        }

        return new NetworkGraph(nodes, outputs[graph.Output.Name]);
    }

    private static string AddParts(List<GraphNode> nodes, string name, CompositeLayer composite, string input)
    {
        string last = input;
        foreach ((string part, Layer layer, string[] inputs) in composite.Parts(OwnInput))
        {
            last = $"{name}.{part}";
            nodes.Add(new GraphNode(last, layer, inputs.Select(one => one == OwnInput ? input : $"{name}.{one}").ToArray()));
        }

        return last;
    }
}
