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
        Assert.Equal(20 * 0.5 * Math.Log10(2), SignalPropagator.Propagate(graph).Layers[0].GrowthThroughTime!.Value, 1e-6);
    }

    [Theory, MemberData(nameof(Cells), DisableDiscoveryEnumeration = true)]
    public void A_cell_grows_through_time_as_predicted(string name, RecurrentLayer cell)
    {
        NetworkGraph graph = new NetworkBuilder(20, 16).Add(cell).Add(new SelectLayer()).Add(Networks.Linear(64, 10)).Build();
        PropagationOptions options = new() { Loss = Loss.RandomDirection };
        GradientFlow flow = SignalPropagator.Propagate(graph, options);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 10, options);
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: predicted {flow.GrowthThroughTime:f2}, measured {measured.GrowthsThroughTime.Average():f2}");
        Assert.Equal(measured.GrowthsThroughTime.Average(), flow.GrowthThroughTime!.Value, 0.3);
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
}
