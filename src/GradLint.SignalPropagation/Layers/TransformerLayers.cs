using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>What the transformer layers share: attention and a feed-forward net, each with a residual connection and a LayerNorm (Vaswani et al. 2017).</summary>
/// <param name="ModelDimension">E; null where it is unknown.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="FeedForward">The width of the feed-forward net; null where it is unknown.</param>
public abstract record TransformerLayer(int? ModelDimension, int Heads, int? FeedForward) : CompositeLayer
{
    /// <summary>The activation between the two linear layers.</summary>
    public Activation Function { get; init; } = Activation.ReLU;

    /// <summary>The probability to drop, after each attention and twice in the feed-forward net.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Normalizes before each part instead of after each sum (Xiong et al. 2020).</summary>
    public bool NormFirst { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes =>
        new (string, double?)[] { ("model dimension", ModelDimension), ("heads", Heads), ("feed-forward width", FeedForward) };

    /// <summary>One attention with its residual connection: norm, attention, dropout, sum. The sum, or the norm after it, is what the next part reads.</summary>
    /// <param name="number">Which of the layer's parts it is: 1, 2.</param>
    /// <param name="attention">The name of the attention.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="memory">What its keys and values come from; null for <paramref name="input"/>.</param>
    internal IEnumerable<(string Name, Layer Layer, string[] Inputs)> Attend(int number, string attention, string input, string? memory)
    {
        MultiheadAttentionLayer layer = new(ModelDimension, Heads) { Weight = MultiheadAttentionLayer.DefaultWeight };
        string query = NormFirst ? $"norm{number}" : input;
        return Residual(number, input, attention, $"dropout{number}", new (string, Layer, string[])[]
        {
            (attention, layer, memory is null ? new[] { query } : new[] { query, memory }),
        });
    }

    /// <summary>The feed-forward net with its residual connection, likewise.</summary>
    internal IEnumerable<(string Name, Layer Layer, string[] Inputs)> FeedOn(int number, string input) =>
        Residual(number, input, "linear2", $"dropout{number}", new (string, Layer, string[])[]
        {
            ("linear1", Linear(ModelDimension, FeedForward), From(NormFirst ? $"norm{number}" : input)),
            ("activation", new ActivationLayer(Function), From("linear1")),
            ("dropout", new DropoutLayer(Dropout), From("activation")),
            ("linear2", Linear(FeedForward, ModelDimension), From("dropout")),
        });

    /// <summary>What the part after the given one reads.</summary>
    internal string After(int number) => NormFirst ? $"add{number}" : $"norm{number}";

    private IEnumerable<(string Name, Layer Layer, string[] Inputs)> Residual(int number, string input, string last, string dropout, IEnumerable<(string, Layer, string[])> branch)
    {
        LayerNormLayer norm = new(new[] { ModelDimension });
        (string, Layer, string[])[] sum = { (dropout, new DropoutLayer(Dropout), new[] { last }), ($"add{number}", new AddLayer(), new[] { input, dropout }) };
        return NormFirst
            ? new (string, Layer, string[])[] { ($"norm{number}", norm, new[] { input }) }.Concat(branch).Concat(sum)
            : branch.Concat(sum).Concat(new (string, Layer, string[])[] { ($"norm{number}", norm, new[] { $"add{number}" }) });
    }

    private static string[] From(string input) => new[] { input };

    private static LinearLayer Linear(int? inputs, int? outputs) => new(inputs, outputs) { Weight = LinearLayer.DefaultWeight, Bias = LinearLayer.DefaultBias };
}

/// <summary>A transformer encoder layer: self-attention and a feed-forward net. It is propagated as the layers that it consists of.</summary>
/// <param name="ModelDimension">E; null where it is unknown.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="FeedForward">The width of the feed-forward net; null where it is unknown.</param>
public sealed record TransformerEncoderLayer(int? ModelDimension, int Heads, int? FeedForward = 2048) : TransformerLayer(ModelDimension, Heads, FeedForward)
{
    /// <inheritdoc/>
    public override string Kind => "TransformerEncoder";

    internal override IEnumerable<(string Name, Layer Layer, string[] Inputs)> Parts(IReadOnlyList<string> inputs) =>
        Attend(1, "self_attn", inputs[0], memory: null).Concat(FeedOn(2, After(1)));
}

/// <summary>
/// A transformer decoder layer: self-attention over the target, attention from it to the memory, which is the second input, and a feed-forward net. Without masks, as by default.
/// </summary>
/// <param name="ModelDimension">E; null where it is unknown.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="FeedForward">The width of the feed-forward net; null where it is unknown.</param>
public sealed record TransformerDecoderLayer(int? ModelDimension, int Heads, int? FeedForward = 2048) : TransformerLayer(ModelDimension, Heads, FeedForward)
{
    /// <inheritdoc/>
    public override string Kind => "TransformerDecoder";

    internal override (int Least, int Most) InputCount => (2, 2);

    internal override IEnumerable<(string Name, Layer Layer, string[] Inputs)> Parts(IReadOnlyList<string> inputs) =>
        Attend(1, "self_attn", inputs[0], memory: null).Concat(Attend(2, "multihead_attn", After(1), inputs[1])).Concat(FeedOn(3, After(2)));
}
