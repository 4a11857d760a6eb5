using GradLint.SignalPropagation.Tests.Measuring;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Pools, whose windows may reach into the padding and beyond the end.</summary>
[Collection("TorchSharp: one random generator for all")]
public class PoolingTests
{
    public static TheoryData<PoolingLayer> Padded => new()
    {
        new MaxPoolLayer([3, 3]) { Stride = [2], Padding = [1] },
        new MaxPoolLayer([3, 3]) { Stride = [2], RoundsUp = true },
        new MaxPoolLayer([2, 2]) { RoundsUp = true },
        new MaxPoolLayer([3, 3]) { Stride = [1], Padding = [1] },
        new AvgPoolLayer([3, 3]) { Stride = [1], Padding = [1] },
        new AvgPoolLayer([3, 3]) { Stride = [2], Padding = [1], LeavesOutPadding = true },
        new AvgPoolLayer([3, 3]) { Stride = [2], Padding = [1], RoundsUp = true },
        new AdaptiveAvgPoolLayer([5, 5]),
        new AdaptiveAvgPoolLayer([12, 12]),
    };

    [Theory]
    [InlineData(7, 3, 2, 0)]
    [InlineData(8, 3, 2, 0)]
    [InlineData(8, 3, 2, 1)]
    [InlineData(7, 2, 2, 1)]
    [InlineData(5, 2, 3, 1)]
    [InlineData(9, 3, 4, 1)]
    [InlineData(13, 5, 3, 2)]
    public void Sizes_are_those_of_libtorch(int input, int kernel, int stride, int padding)
    {
        foreach (bool roundsUp in (bool[])[false, true])
        {
            using torch.Tensor x = torch.zeros(1, 1, input, input);
            using torch.Tensor y = F.max_pool2d(x, [kernel, kernel], [stride, stride], [padding, padding], ceil_mode: roundsUp);
            Window window = new([kernel, kernel], [stride], [padding], null, roundsUp: roundsUp);
            Assert.Equal((int?)y.shape[2], window.OutputSizes([input, input])[0]);
        }
    }

    // The bounds are those of the other tests against autograd; the small maps make the border count.
    [Theory, MemberData(nameof(Padded), DisableDiscoveryEnumeration = true)]
    public void A_network_with_padded_pools_grows_as_autograd_says(PoolingLayer pool)
    {
        NetworkBuilder builder = new NetworkBuilder(3, 8, 8).Add(Conv(3, 32)).Add(pool).Add(Conv(32, 32)).Add(new ActivationLayer(Activation.ReLU)).Add(Conv(32, 32));
        NetworkGraph graph = builder.Add(new AdaptiveAvgPoolLayer()).Add(new FlattenLayer()).Add(Networks.Linear(32, 8)).Build();
        GradientFlow flow = SignalPropagator.Propagate(graph);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 8);
        TestContext.Current.TestOutputHelper!.WriteLine($"predicted {flow.Growth:f3}, measured {measured.Growth:f3}");
        Assert.Equal(measured.Growth, flow.Growth!.Value, 0.15);
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10SecondMoments[layer.Name], layer.Log10SecondMoment, 0.3));
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10GradientNorms[layer.Name], layer.Log10GradientNorm, 0.3));
    }

    [Theory]
    [InlineData(8, 4)]
    [InlineData(8, 5)]
    [InlineData(4, 7)]
    public void An_average_over_adaptive_windows_leaves_of_independent_values_what_libtorch_leaves(int inputs, int outputs)
    {
        // The variance of an average is the sum of the squares of its weights: the gradient of an output by the inputs.
        using torch.Tensor x = torch.eye(inputs, dtype: torch.float64).reshape(inputs, 1, 1, inputs);
        double variance = F.adaptive_avg_pool2d(x, [1, outputs]).square().sum([0L]).mean().item<double>();

        double lnQ = OutputOf(new AdaptiveAvgPoolLayer([outputs]), inputs).LnQ - Signals(inputs).Input.LnQ;

        Assert.Equal(Math.Log(variance), lnQ, 1e-5);
    }

    [Fact]
    public void Units_that_are_joined_keep_their_distribution_in_a_maximum()
    {
        NetworkBuilder whole = new NetworkBuilder(3, 8, 8).Add(Conv(3, 32)).Add(new ActivationLayer(Activation.ReLU)).Add(new MaxPoolLayer([2, 2]));
        NetworkBuilder parts = new NetworkBuilder(3, 8, 8).Add(Conv(3, 16)).Add(new ActivationLayer(Activation.ReLU));
        string first = parts.Last;
        parts.AddTo(Conv(3, 16), "input").Add(new ActivationLayer(Activation.ReLU));
        parts.AddTo(new ConcatLayer(), first, parts.Last).Add(new MaxPoolLayer([2, 2]));

        (Signal one, Signal joined) = (Output(whole.Build()), Output(parts.Build()));

        Assert.Equal(one.MeanRatio, joined.MeanRatio, 1e-9);
        Assert.Equal(one.LnQ, joined.LnQ, 0.05); // fewer units of each part fluctuate more
    }

    [Fact]
    public void A_maximum_of_maxima_is_that_of_the_larger_window()
    {
        NetworkBuilder Start() => new NetworkBuilder(3, 8, 8).Add(Conv(3, 32)).Add(new ActivationLayer(Activation.ReLU));

        Signal twice = Output(Start().Add(new MaxPoolLayer([2, 2])).Add(new MaxPoolLayer([2, 2])).Build());
        Signal once = Output(Start().Add(new MaxPoolLayer([4, 4])).Build());

        Assert.Equal(once.LnQ, twice.LnQ, 1e-9);
        Assert.Equal(once.MeanRatio, twice.MeanRatio, 1e-9);
    }

    [Fact]
    public void A_window_larger_than_its_input_stops_the_prediction() =>
        Assert.Throws<PredictionStopException>(() => new Window([4, 4], [2], null, null).OutputSizes([3, 3]));

    [Fact]
    public void A_pool_after_one_that_had_no_window_starts_from_what_is_assumed()
    {
        NetworkBuilder builder = new NetworkBuilder(1, 2, 2).Add(new MaxPoolLayer([4, 4])).Add(new MaxPoolLayer([2, 2])).Add(new FlattenLayer());

        GradientFlow flow = SignalPropagator.Propagate(builder.Add(Networks.Linear(16, 8)).Add(Networks.Linear(8, 8)).Build());

        Assert.Contains(flow.Assumptions, assumption => assumption.Contains("kernel is larger", StringComparison.Ordinal));
    }

    private static Signal OutputOf(PoolingLayer pool, int inputs) => pool.Forward(Signals(inputs));

    private static Step Signals(int inputs)
    {
        GraphNode[] nodes = [new("input", new InputLayer([16, inputs]), []), new("pool", new FlattenLayer(), ["input"])];
        PropagationContext context = new(new NetworkGraph(nodes, "pool"), new PropagationOptions());
        return new Step(nodes[1], [Signal.StandardNormal(new Shape([16, inputs]), 16) with { Axis = UnitAxis.First }], context);
    }

    private static Signal Output(NetworkGraph graph)
    {
        PropagationContext context = new(graph, new PropagationOptions());
        ForwardPass.Run(context);
        return context.Steps[graph.Output.Name].Output;
    }

    private static ConvolutionLayer Conv(int inputs, int outputs) => new(inputs, outputs, [3, 3]) { Weight = new KaimingNormal(), Padding = [1] };
}
