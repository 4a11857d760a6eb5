using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Attention, transformer layers and recurrent layers by themselves.</summary>
public class SequenceModelLayerTests
{
    private static readonly MultiheadAttentionLayer s_attention = new(8, 2) { Weight = new Measured(0, 1.0 / 8), OutputWeight = new Measured(0, 0.25) }; // gains of 1 and 2

    /// <summary>Logits of variance q^2 (1 - rho) = 4.5 over 5 keys: S = e^4.5 / (4 + e^4.5).</summary>
    private static readonly double s_concentration = Math.Exp(4.5) / (4 + Math.Exp(4.5));

    [Fact]
    public void Attention_mixes_the_values_as_far_as_it_is_not_concentrated()
    {
        Step step = Forward(s_attention, Signal(5, 8));
        double mixed = s_concentration + ((1 - s_concentration) * 0.5);
        IsClose(Math.Log(3 * mixed * 2), step.Output.LnQ);
        IsClose(new Pairs(((0.4 / 5) + (0.8 * 0.35)) / mixed, (0.2 + (0.8 * 0.5)) / mixed, 0.36 / mixed), step.Output.Correlation);
        Assert.Equal((0, 0), (step.Output.MeanRatio, step.Output.UnitCorrelation));
    }

    [Fact]
    public void The_gradient_reaches_values_keys_and_queries()
    {
        Signal x = Signal(5, 8);
        double toValue = s_concentration + ((1 - s_concentration) * 0.6);
        double toKey = s_concentration * 9 * 0.5;
        double toQuery = s_concentration * 9 * 0.25;
        IsClose(Math.Log(2 * 2 * (toValue + toKey + toQuery)), Forward(s_attention, x).Backward().LnP);
        IsClose(new Pairs(0.2, (0.2 + 0.6) / toValue, 0.15), Forward(s_attention, x).Backward().Correlation);

        Step two = Forward(s_attention, x, x);
        Assert.All(two.Node.Layer.Backward(two, Gradient(two)).Zip([toQuery, toKey + toValue]), pair => IsClose(Math.Log(4 * pair.Second), pair.First.LnP));
        Step three = Forward(s_attention, x, x, x);
        Assert.All(three.Node.Layer.Backward(three, Gradient(three)).Zip([toQuery, toKey, toValue]), pair => IsClose(Math.Log(4 * pair.Second), pair.First.LnP));
    }

    [Fact]
    public void Of_more_queries_than_keys_each_key_hears_more()
    {
        Step step = Forward(s_attention, Signal(10, 8), Signal(5, 8));
        double toValue = 2 * (s_concentration + ((1 - s_concentration) * 0.6 * 9 / 4));
        IsClose(Math.Log(4 * ((2 * s_concentration * 9 * 0.5) + toValue)), step.Node.Layer.Backward(step, Gradient(step))[1].LnP);
    }

    [Fact]
    public void Logits_that_are_not_scaled_are_larger_by_the_width_of_a_head()
    {
        Signal small = Signal(5, 8) with { LnQ = Math.Log(0.5) };
        Step step = Forward(s_attention with { IsScaled = false }, small);
        double e = Math.Exp(0.25 * 4 * 0.5);
        double s = e / (4 + e);
        IsClose(Math.Log(0.5 * (s + ((1 - s) * 0.5)) * 2), step.Output.LnQ);
        double parts = s + ((1 - s) * 0.6) + (4 * s * 0.25 * 0.5) + (4 * s * 0.25 * 0.25);
        IsClose(Math.Log(4 * parts), step.Backward().LnP);
    }

    [Fact]
    public void The_gradient_of_the_output_projection_is_that_of_the_mixture()
    {
        Step step = Forward(s_attention, Signal(5, 8));
        Pairs alike = step.Output.Correlation;
        double pairs = 1 + (7 * alike.Sample * 0.2) + (4 * alike.Position * 0.6) + (28 * alike.Both * 0.15);
        IsClose(Math.Log(64 * 40 * pairs * 2) + step.Output.LnQ - Math.Log(2), s_attention.LnWeightGradient(step, Gradient(step)));
        Assert.Equal((256, 8, 24), (s_attention.WeightCount(step), s_attention.Fans(step).In, s_attention.Fans(step).Out));
        Assert.Equal("its initialization is unknown", Assert.Throws<PredictionStopException>(() => Forward(s_attention with { Weight = new UnknownInitializer("?") }, Signal(5, 8))).Message);
    }

    [Theory]
    [InlineData("TransformerEncoder(8, 2, 16)",
        """
        layer.self_attn = MultiheadAttention(embedDimension: 8, heads: 2, weight: XavierUniform) <- x
        layer.dropout1 = Dropout(0.1) <- layer.self_attn
        layer.add1 = Add <- x, layer.dropout1
        layer.norm1 = LayerNorm([8]) <- layer.add1
        layer.linear1 = Linear(8 -> 16, weight: KaimingUniform(slope: 2.23606797749979), bias: FanInUniform) <- layer.norm1
        layer.activation = Activation(ReLU) <- layer.linear1
        layer.dropout = Dropout(0.1) <- layer.activation
        layer.linear2 = Linear(16 -> 8, weight: KaimingUniform(slope: 2.23606797749979), bias: FanInUniform) <- layer.dropout
        layer.dropout2 = Dropout(0.1) <- layer.linear2
        layer.add2 = Add <- layer.norm1, layer.dropout2
        layer.norm2 = LayerNorm([8]) <- layer.add2
        last = Flatten <- layer.norm2
        """)]
    [InlineData("TransformerEncoder(8, 2, 16, normFirst: true, dropout: 0.5, function: GELU)",
        """
        layer.norm1 = LayerNorm([8]) <- x
        layer.self_attn = MultiheadAttention(embedDimension: 8, heads: 2, weight: XavierUniform) <- layer.norm1
        layer.dropout1 = Dropout <- layer.self_attn
        layer.add1 = Add <- x, layer.dropout1
        layer.norm2 = LayerNorm([8]) <- layer.add1
        layer.linear1 = Linear(8 -> 16, weight: KaimingUniform(slope: 2.23606797749979), bias: FanInUniform) <- layer.norm2
        layer.activation = Activation(GELU) <- layer.linear1
        layer.dropout = Dropout <- layer.activation
        layer.linear2 = Linear(16 -> 8, weight: KaimingUniform(slope: 2.23606797749979), bias: FanInUniform) <- layer.dropout
        layer.dropout2 = Dropout <- layer.linear2
        layer.add2 = Add <- layer.add1, layer.dropout2
        last = Flatten <- layer.add2
        """)]
    public void A_transformer_layer_is_propagated_as_its_parts(string layer, string parts)
    {
        NetworkGraph graph = CompositeLayer.Expand(NetworkGraph.Parse($"x = Input([5, 8])\nlayer = {layer} <- x\nlast = Flatten <- layer"));
        Assert.Equal($"x = Input([5, 8])\n{parts}\n", graph.ToString());
    }

    [Fact]
    public void A_decoder_attends_to_its_memory_between_the_two()
    {
        NetworkGraph graph = CompositeLayer.Expand(NetworkGraph.Parse("x = Input([5, 8])\nm = Input([7, 8])\nlayer = TransformerDecoder(8, 2, 16) <- x, m"));
        Assert.Equal(["layer.norm1", "m"], graph["layer.multihead_attn"].Inputs);
        Assert.Equal(["layer.norm2"], graph["layer.linear1"].Inputs);
        Assert.Equal(["layer.norm2", "layer.dropout3"], graph["layer.add3"].Inputs);
        Assert.Equal("layer.norm3", graph.Output.Name);
    }

    [Fact]
    public void A_graph_without_such_layers_stays_as_it_is()
    {
        NetworkGraph graph = Networks.Stack(2, 8, Activation.ReLU);
        Assert.Same(graph, CompositeLayer.Expand(graph));
    }

    [Fact]
    public void A_composite_layer_itself_is_not_propagated() =>
        Assert.Equal("A composite layer is expanded before it is propagated.", Assert.Throws<InvalidOperationException>(() => Forward(new TransformerEncoderLayer(8, 2), Signal(5, 8))).Message);

    /// <summary>h_t = W x_t + V h_(t-1) with gains of 1 and 1/2: second moments of 3, 4.5 and 5.25; gradients of 1, 1.5 and 1.75, times H Var W = 2.5.</summary>
    [Fact]
    public void A_linear_recurrence_adds_what_comes_from_before()
    {
        Step step = Forward(Linear(layers: 1), Signal(3, 4).Centred());
        IsClose(Math.Log(4.25), step.Output.LnQ);
        Assert.Equal([3, 10], step.Output.Shape.Sizes);
        IsClose(0.1, step.Output.CorrelationVariance);

        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0, Correlation = default })[0];
        IsClose(Math.Log(2 * 2.5 * 4.25 / 3), back.LnP);
        IsClose(0.5 * Math.Log10(1.75), step.GrowthThroughTime!.Value);
        Assert.Equal((0, 0, 0), (back.MeanRatio, back.UnitCorrelation, back.Alignment));
        IsClose(1.75 / (4.25 / 3), back.Profile!.Axis(0)[0]);
        Assert.Equal([3, 4], back.Shape.Sizes);
    }

    [Fact]
    public void A_second_direction_runs_from_the_end()
    {
        Step step = Forward(Linear(layers: 1) with { IsBidirectional = true }, Signal(3, 4).Centred());
        IsClose(Math.Log(4.25), step.Output.LnQ);
        Assert.Equal([3, 20], step.Output.Shape.Sizes);
        IsClose(0.05, step.Output.CorrelationVariance);
        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0, Correlation = default })[0];
        IsClose(Math.Log(2 * 2.5 * 8.5 / 3), back.LnP);
        IsClose(0, step.GrowthThroughTime!.Value);
    }

    /// <summary>The second layer reads H = 10 units by weights of the input's variance: a gain of 2.5.</summary>
    [Fact]
    public void Layers_are_stacked()
    {
        Step step = Forward(Linear(layers: 2), Signal(3, 4).Centred());
        IsClose(Math.Log(((2.5 * 3) + ((2.5 * 4.5) + (1.25 * 3)) + ((2.5 * 5.25) + (1.25 * 4.5) + (0.625 * 3))) / 3), step.Output.LnQ);
    }

    [Fact]
    public void Gates_have_weights_of_their_own()
    {
        Step step = Forward(Linear(layers: 1), Signal(3, 4).Centred());
        Assert.Equal([100, 400, 300], new RecurrentLayer[] { Linear(1), new LSTMLayer(4, 10) { Weight = RecurrentLayer.DefaultWeight }, new GRULayer(4, 10) { Weight = RecurrentLayer.DefaultWeight } }.Select(layer => layer.WeightCount(step)));
        Assert.Equal(40, new LSTMLayer(4, 10) { Weight = RecurrentLayer.DefaultWeight }.Fans(step).Out);
    }

    [Fact]
    public void Of_a_long_sequence_the_first_steps_are_propagated_and_the_growth_goes_on()
    {
        Step step = Forward(Linear(layers: 1), Signal(191, 4).Centred());
        Assert.Contains("beyond 96 steps a recurrence goes on as before", step.Context.Assumptions);
        step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0, Correlation = default });
        IsClose(0.5 * Math.Log10(2) * 2, step.GrowthThroughTime!.Value);
        Assert.Equal("its initialization is unknown", Assert.Throws<PredictionStopException>(() => Forward(Linear(1) with { Bias = new UnknownInitializer("?") }, Signal(3, 4))).Message);
        Assert.Equal("its initialization is unknown", Assert.Throws<PredictionStopException>(() => Forward(Linear(1) with { InputWeight = new UnknownInitializer("?") }, Signal(3, 4))).Message);
    }

    private static RNNLayer Linear(int layers) =>
        new(4, 10) { Weight = new Measured(0, 0.05), InputWeight = new Measured(0, 0.25), Nonlinearity = Activation.Identity, Layers = layers };
}
