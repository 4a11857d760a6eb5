using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Upsampling, against closed forms and autograd.</summary>
[Collection("TorchSharp: one random generator for all")]
public class UpsampleTests
{
    public static TheoryData<UpsampleLayer> Layers => new()
    {
        new UpsampleLayer(Scale: [2]),
        new UpsampleLayer(Size: [9, 12]),
        new UpsampleLayer(Scale: [2]) { Mode = Upsampling.Linear },
        new UpsampleLayer(Scale: [2, 3]) { Mode = Upsampling.Linear, AlignCorners = true },
    };

    [Fact]
    public void The_nearest_copies_the_signal_and_sums_the_gradients()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([4, 8, 8])
            conv1 = Convolution(4 -> 100000, kernel: [1, 1], weight: KaimingNormal(slope: 1)) <- input
            up = Upsample(scale: [2]) <- conv1
            conv2 = Convolution(100000 -> 100000, kernel: [1, 1], weight: KaimingNormal(slope: 1)) <- up
            """);
        GradientFlow flow = SignalPropagator.Propagate(graph, new PropagationOptions { Loss = Loss.RandomDirection });
        Assert.Equal(1, flow.Layers[1].SecondMoment, 1e-6);
        // Each input sums four independent gradients, and there are a quarter as many inputs: the norm stays.
        Assert.Equal(0, flow.Growth!.Value, 0.001);
    }

    // The bounds are those of the other tests against autograd.
    [Theory, MemberData(nameof(Layers), DisableDiscoveryEnumeration = true)]
    public void A_decoder_that_upsamples_grows_as_autograd_says(UpsampleLayer upsample)
    {
        NetworkBuilder builder = new NetworkBuilder(4, 6, 6).Add(Conv(4, 32)).Add(new ActivationLayer(Activation.ReLU));
        NetworkGraph graph = builder.Add(upsample).Add(Conv(32, 32)).Add(new ActivationLayer(Activation.Tanh)).Add(new UpsampleLayer(Scale: [2])).Add(Conv(32, 3)).Build();
        GradientFlow flow = SignalPropagator.Propagate(graph);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 8);
        TestContext.Current.TestOutputHelper!.WriteLine($"predicted {flow.Growth:f3}, measured {measured.Growth:f3}");
        Assert.Equal(measured.Growth, flow.Growth!.Value, 0.15);
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10SecondMoments[layer.Name], layer.Log10SecondMoment, 0.3));
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10GradientNorms[layer.Name], layer.Log10GradientNorm, 0.3));
    }

    [Fact]
    public void It_needs_a_scale_or_a_size()
    {
        NetworkGraphException error = Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse("input = Input([4, 8, 8])\nup = Upsample <- input"));
        Assert.Contains("'up'", error.Message);
    }

    private static ConvolutionLayer Conv(int inputs, int outputs) => new(inputs, outputs, [3, 3]) { Weight = new KaimingNormal(), Padding = [1] };
}
