using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>The prediction against TorchSharp's autograd. The bounds are the specification's: depth/width of at most 0.3.</summary>
[Collection("TorchSharp: one random generator for all")]
public class AutogradTests
{
    public static TheoryData<string, Activation, Initializer, bool> Stacks => new()
    {
        { "ReLU, He", Activation.ReLU, new KaimingNormal(), false },
        { "ReLU, defaults", Activation.ReLU, LinearLayer.DefaultWeight, true },
        { "tanh, Xavier", Activation.Tanh, new XavierUniform(), true },
        { "tanh, gain 5/3", Activation.Tanh, new KaimingGain(5.0 / 3), false },
        { "GELU, defaults", Activation.GELU, LinearLayer.DefaultWeight, true },
        { "SELU, LeCun", Activation.SELU, new KaimingNormal(1), false },
        { "sigmoid, Xavier", Activation.Sigmoid, new XavierNormal(), true },
        { "ReLU, N(0, 1)", Activation.ReLU, new Normal(), false },
        { "LeakyReLU(1.5), He", new LeakyReLU(1.5), new KaimingNormal(0.01), false },
        { "linear, orthogonal", Activation.Identity, new Orthogonal(1.2), false },
    };

    [Theory, MemberData(nameof(Stacks), DisableDiscoveryEnumeration = true)]
    public void A_stack_grows_as_predicted(string name, Activation activation, Initializer weight, bool withBias)
    {
        NetworkGraph graph = Networks.Stack(12, 48, activation, weight, withBias: withBias);
        GradientFlow flow = SignalPropagator.Propagate(graph);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 10);
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: predicted {flow.Growth:f3} [{flow.Low:f2}, {flow.High:f2}], measured {measured.Growth:f3} +- {measured.GrowthDeviation:f3}");
        Assert.Equal(measured.Growth, flow.Growth!.Value, 0.15);
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10GradientNorms[layer.Name], layer.Log10GradientNorm, 0.3));
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10SecondMoments[layer.Name], layer.Log10SecondMoment, 0.3));
    }

    [Fact]
    public void Weights_that_are_not_centred_explode_by_half_the_width_per_layer()
    {
        NetworkGraph graph = Networks.Stack(12, 48, Activation.ReLU, new Uniform());
        double growth = SignalPropagator.Propagate(graph).Growth!.Value;
        Assert.Equal(11 * Math.Log10(24), growth, 0.25);
        // In half of the samples every unit of the first layer is dead, which Gaussian units cannot say: a factor sqrt 2.
        Assert.Equal(MeasuredFlow.Of(graph, seeds: 10).Growth, growth, 0.25);
    }

    [Fact]
    public void A_branch_that_is_cut_off_adds_to_the_signal_and_not_to_the_gradient()
    {
        NetworkGraph graph = NetworkGraph.Parse("""
            x = Input([32])
            fc1 = Linear(32 -> 64, weight: KaimingNormal) <- x
            relu = Activation(ReLU) <- fc1
            cut = Detach <- relu
            side = Linear(64 -> 64, weight: Normal(standardDeviation: 0.5)) <- cut
            main = Linear(64 -> 64, weight: KaimingNormal) <- relu
            sum = Add <- main, side
            out = Linear(64 -> 8, weight: XavierNormal) <- sum
            """);
        GradientFlow flow = SignalPropagator.Propagate(graph);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 10);

        Assert.Equal(measured.Growth, flow.Growth!.Value, 0.1);
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10GradientNorms[layer.Name], layer.Log10GradientNorm, 0.15));
    }
}
