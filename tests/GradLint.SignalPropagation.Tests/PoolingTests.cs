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

    [Fact]
    public void A_window_larger_than_its_input_stops_the_prediction() =>
        Assert.Throws<PredictionStopException>(() => new Window([4, 4], [2], null, null).OutputSizes([3, 3]));

    private static ConvolutionLayer Conv(int inputs, int outputs) => new(inputs, outputs, [3, 3]) { Weight = new KaimingNormal(), Padding = [1] };
}
