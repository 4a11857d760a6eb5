using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>How second moments vary over positions: at the border, and where a strided branch reads some of them only.</summary>
[Collection("TorchSharp: one random generator for all")]
public class BorderTests
{
    [Fact]
    public void A_sum_has_the_profile_of_both_branches_by_their_shares()
    {
        Profile strided = Profile.Of([2, 0, 2, 0]);

        Assert.Equal([1.25, 0.75, 1.25, 0.75], Profile.OfSum(0.25, strided, null)!.Axis(0));
        Assert.Equal([1.75, 0.25, 1.75, 0.25], Profile.OfSum(0.25, null, strided)!.Axis(0));
        Assert.Equal([1.75, 0.25, 1.5, 0.5], Profile.OfSum(0.25, Profile.Of([1, 1, 0, 2]), strided)!.Axis(0));
        Assert.Null(Profile.OfSum(0.25, null, null));
    }

    [Fact]
    public void Where_the_mean_is_taken_away_it_is_too_much_at_the_border()
    {
        Profile border = Profile.Of([0.5, 1.5]);

        Assert.Equal([0.5, 1.5], border.Centred(0).Axis(0));
        Assert.Equal([1, 1], border.Centred(1).Axis(0));
    }

    // As in a ResNet: the branch that halves the map reads every other position, and only the sum of both branches reads all.
    [Fact]
    public void A_network_with_strided_branches_grows_as_autograd_says()
    {
        NetworkBuilder builder = new NetworkBuilder(3, 16, 16).Add(Conv(3, 16)).Add(new BatchNormLayer(16)).Add(new ActivationLayer(Activation.ReLU));
        for (int block = 0; block < 3; block++)
        {
            string input = builder.Last;
            int stride = block == 0 ? 1 : 2;
            builder.Add(Conv(16, 16, stride)).Add(new BatchNormLayer(16)).Add(new ActivationLayer(Activation.ReLU)).Add(Conv(16, 16)).Add(new BatchNormLayer(16));
            string branch = builder.Last;
            builder.AddTo(new ConvolutionLayer(16, 16, [1, 1]) { Weight = new KaimingNormal(), Stride = [stride] }, input).Add(new BatchNormLayer(16));
            builder.AddTo(new AddLayer(), branch, builder.Last).Add(new ActivationLayer(Activation.ReLU));
        }

        AutogradAgrees(builder.Add(new AdaptiveAvgPoolLayer()).Add(new FlattenLayer()).Add(Networks.Linear(16, 10)).Build());
    }

    // The gradient of a global average is the same everywhere, and all that an almost linear activation makes of it is nearly that: what is left is known well nevertheless.
    [Theory]
    [InlineData(1.3)]
    [InlineData(0.2)]
    public void What_an_instance_norm_leaves_of_a_gradient_that_is_the_same_everywhere_is_what_autograd_says(double slope)
    {
        NetworkBuilder builder = new NetworkBuilder(3, 8, 8);
        for (int layer = 0; layer < 4; layer++)
        {
            builder.Add(Conv(layer == 0 ? 3 : 16, 16)).Add(new InstanceNormLayer(16)).Add(new ActivationLayer(new LeakyReLU(slope)));
        }

        AutogradAgrees(builder.Add(new AdaptiveAvgPoolLayer()).Add(new FlattenLayer()).Add(Networks.Linear(16, 10)).Build());
    }

    private static void AutogradAgrees(NetworkGraph graph)
    {
        GradientFlow flow = SignalPropagator.Propagate(graph);
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds: 6);
        TestContext.Current.TestOutputHelper!.WriteLine($"predicted {flow.Growth:f3}, measured {measured.Growth:f3}");
        Assert.Equal(measured.Growth, flow.Growth!.Value, 0.1);
        Assert.All(flow.Layers, layer => Assert.Equal(measured.Log10SignalNorms[layer.Name], layer.Log10SignalNorm, 0.1));
    }

    private static ConvolutionLayer Conv(int inputs, int outputs, int stride = 1) => new(inputs, outputs, [3, 3]) { Weight = new KaimingNormal(), Padding = [1], Stride = [stride] };
}
