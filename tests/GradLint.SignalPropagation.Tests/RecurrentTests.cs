using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Growth through time, against closed forms and autograd. The bounds are the specification's.</summary>
[Collection("TorchSharp: one random generator for all")]
public class RecurrentTests
{
    private const int Wide = 1_000_000;

    public static TheoryData<string, RecurrentLayer> Cells => new()
    {
        { "RNN", new RNNLayer(16, 64) { Weight = RecurrentLayer.DefaultWeight, Bias = RecurrentLayer.DefaultWeight } },
        { "RNN, g = 4", new RNNLayer(16, 64) { Weight = new Normal(0, 0.25), Nonlinearity = Activation.ReLU } },
        { "LSTM", new LSTMLayer(16, 64) { Weight = RecurrentLayer.DefaultWeight, Bias = RecurrentLayer.DefaultWeight } },
        { "LSTM, g = 1", new LSTMLayer(16, 64) { Weight = new Normal(0, 0.125), Layers = 2 } },
        { "GRU", new GRULayer(16, 64) { Weight = RecurrentLayer.DefaultWeight, Bias = RecurrentLayer.DefaultWeight } },
        { "RNN, both ways", new RNNLayer(16, 64) { Weight = new Normal(0, 0.2), IsBidirectional = true } },
        { "LSTM, both ways, two layers", new LSTMLayer(16, 64) { Weight = RecurrentLayer.DefaultWeight, Bias = RecurrentLayer.DefaultWeight, IsBidirectional = true, Layers = 2 } },
        { "GRU, both ways", new GRULayer(16, 64) { Weight = RecurrentLayer.DefaultWeight, Bias = RecurrentLayer.DefaultWeight, IsBidirectional = true } },
        { "RNN, g = 64", new RNNLayer(16, 64) { Weight = new Normal(0, 1) } },
        { "LSTM, g = 64", new LSTMLayer(16, 64) { Weight = new Normal(0, 1) } },
        { "LSTM, g = 64 in the recurrence alone", new LSTMLayer(16, 64) { Weight = new Normal(0, 1), InputWeight = new Uniform(-0.125, 0.125) } },
        { "GRU, g = 2", new GRULayer(16, 64) { Weight = new Normal(0, 0.177) } },
    };

    [Fact]
    public void A_ReLU_recurrence_grows_by_half_its_gain_per_step()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            $"""
            input = Input([21, 8])
            rnn = RNN(8 -> {Wide}, weight: Normal(0, 0.002), nonlinearity: ReLU) <- input
            last = Select <- rnn
            """);
        // g_hh = H Var W = 4, halved by ReLU: a factor of 2 in the square at each of 20 steps.
        PropagationOptions options = new() { Loss = Loss.RandomDirection };
        Assert.Equal(20 * 0.5 * Math.Log10(2), SignalPropagator.Propagate(graph, options).Layers[0].GrowthThroughTime!.Value, 1e-6);
    }

    [Fact]
    public void A_loss_that_reacts_to_the_state_adds_to_the_growth_through_time()
    {
        NetworkGraph graph = new NetworkBuilder(12, 16)
            .Add(new RNNLayer(16, 128) { Weight = new Normal(0, 1.5 / Math.Sqrt(128)), Nonlinearity = Activation.ReLU }).Add(new SelectLayer()).Add(Networks.Linear(128, 10, new KaimingNormal())).Build();
        double indifferent = SignalPropagator.Propagate(graph, new PropagationOptions { Loss = Loss.RandomDirection }).Layers[0].GrowthThroughTime!.Value;
        LayerFlow layer = SignalPropagator.Propagate(graph).Layers[0];
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 10);

        Assert.True(layer.GrowthThroughTime > indifferent + 0.1);
        Assert.Equal(measured.GrowthsThroughTime.Average(), layer.GrowthThroughTime!.Value, 0.15);
        Assert.Equal(measured.Log10GradientNorms[layer.Name], layer.Log10GradientNorm, 0.2);
    }

    [Theory, MemberData(nameof(Cells), DisableDiscoveryEnumeration = true)]
    public void A_cell_grows_through_time_as_predicted(string name, RecurrentLayer cell)
    {
        NetworkGraph graph = new NetworkBuilder(20, 16).Add(cell).Add(new SelectLayer()).Add(Networks.Linear(cell.IsBidirectional ? 128 : 64, 10)).Build();
        PropagationOptions options = new() { Loss = Loss.RandomDirection };
        GradientFlow flow = SignalPropagator.Propagate(graph, options);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 10, options);
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: predicted {flow.GrowthThroughTime:f2}, measured {measured.GrowthsThroughTime.Average():f2}");
        Assert.Equal(measured.GrowthsThroughTime.Average(), flow.GrowthThroughTime!.Value, 0.3);
    }

    [Theory, InlineData(1.0), InlineData(0.072)]
    public void Where_the_gates_of_a_GRU_saturate_its_growth_is_overestimated_by_at_most_half(double inputDeviation)
    {
        NetworkGraph graph = new NetworkBuilder(20, 16).Add(new GRULayer(16, 64) { Weight = new Normal(0, 1), InputWeight = new Normal(0, inputDeviation) })
            .Add(new SelectLayer()).Add(Networks.Linear(64, 10)).Build();
        PropagationOptions options = new() { Loss = Loss.RandomDirection };
        double measured = MeasuredFlow.Of(graph, seeds: 10, options).GrowthsThroughTime.Average();
        Assert.InRange(SignalPropagator.Propagate(graph, options).GrowthThroughTime!.Value, measured, 1.55 * measured);
    }

    [Fact]
    public void With_more_steps_than_units_one_number_means_nothing()
    {
        NetworkGraph graph = new NetworkBuilder(40, 16).Add(new RNNLayer(16, 32) { Weight = RecurrentLayer.DefaultWeight }).Add(new SelectLayer()).Add(Networks.Linear(32, 10)).Build();
        GradientFlow flow = SignalPropagator.Propagate(graph);
        Assert.Null(flow.GrowthThroughTime);
        Assert.NotNull(flow.Layers[0].GrowthThroughTime);
    }

    [Fact]
    public void A_transformer_is_propagated_as_its_parts()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([8])
            tokens = Embedding(100, 32, weight: Normal) <- input
            norm1 = TransformerEncoder(32, 4, 64) <- tokens
            mean = Mean <- norm1
            head = Linear(32 -> 10, weight: XavierUniform) <- mean
            """);
        GradientFlow flow = SignalPropagator.Propagate(graph);
        Assert.Equal(["tokens", "norm1.self_attn", "norm1.linear1", "norm1.linear2", "head"], flow.Layers.Select(layer => layer.Name));
        Assert.Equal(MeasuredFlow.Of(CompositeLayer.Expand(graph), seeds: 10).Growth, flow.Growth!.Value, 0.15);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_decoder_layer_reads_its_memory(bool normFirst)
    {
        NetworkGraph graph = NetworkGraph.Parse(
            $"""
            input = Input([12, 24])
            memory = Linear(24 -> 32, weight: XavierUniform) <- input
            target = Linear(24 -> 32, weight: XavierUniform) <- input
            decoder = TransformerDecoder(32, 4, 64, dropout: 0{(normFirst ? ", normFirst: true" : "")}) <- target, memory
            mean = Mean <- decoder
            head = Linear(32 -> 10, weight: XavierUniform) <- mean
            """);
        GradientFlow flow = SignalPropagator.Propagate(graph);
        Assert.Equal(["memory", "target", "decoder.self_attn", "decoder.multihead_attn", "decoder.linear1", "decoder.linear2", "head"], flow.Layers.Select(layer => layer.Name));
        MeasuredFlow measured = MeasuredFlow.Of(CompositeLayer.Expand(graph), seeds: 10);
        foreach (LayerFlow layer in flow.Layers)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{layer.Name}: q {layer.Log10SecondMoment:f2} {measured.Log10SecondMoments[layer.Name]:f2}, dW {layer.Log10GradientNorm:f2} {measured.Log10GradientNorms[layer.Name]:f2}");
        }

        Assert.Equal(measured.Growth, flow.Growth!.Value, 0.2);
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10SecondMoments[layer.Name], layer.Log10SecondMoment, 0.15));
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10GradientNorms[layer.Name], layer.Log10GradientNorm, 0.25));
    }
}
