using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Where the gradient starts: the moments of a loss at outputs that are few, large, or share a common part.</summary>
[Collection("TorchSharp: one random generator for all")]
public class LossTests
{
    [Fact]
    public void Small_logits_have_a_softmax_of_equal_parts() =>
        Assert.Equal(1.0 / 10, new SoftmaxOverlap(1e-6, 10).At(0.5), 1e-6);

    [Theory, InlineData(0), InlineData(0.5), InlineData(0.9)]
    public void Large_logits_of_two_classes_agree_as_their_signs_do(double correlation) =>
        Assert.Equal(1 - (Math.Acos(correlation) / Math.PI), new SoftmaxOverlap(SoftmaxOverlap.LargestVariance * 1e3, 2).At(correlation), 0.02); // Sheppard 1899

    [Theory, InlineData(10, 100.0), InlineData(256, 1.0), InlineData(50_000, 1.0)]
    public void Two_samples_of_the_same_logits_agree_more_than_two_of_others(int classes, double variance)
    {
        SoftmaxOverlap overlap = new(variance, classes);
        Assert.True(overlap.At(1) > overlap.At(0.5) && overlap.At(0.5) > overlap.At(0));
        Assert.InRange(overlap.At(0), 0.95 / classes, 1.1 / classes);
        Assert.InRange(overlap.At(1), 1.0 / classes, 1);
    }

    [Theory, InlineData(0.5, -1.2703628454614782), InlineData(1, -0.5772156649015329), InlineData(100, -0.005008333250)]
    public void The_typical_logarithm_of_a_gamma_variable_is_known(double shape, double expected) =>
        Assert.Equal(expected, SpecialFunctions.MeanLnGamma(shape), 1e-9); // psi(1/2) = -gamma - 2 ln 2, psi(1) = -gamma

    /// <summary>One output that is alike over the samples is one draw: E ln of its square is 1.27 below the logarithm of the mean.</summary>
    [Fact]
    public void The_gradient_norm_of_a_single_output_is_typically_smaller_than_on_average() =>
        NormsAreAsMeasured(Networks.Stack(8, 64, Activation.Softplus, new KaimingGain(1.8), outputs: 1), Loss.MeanSquaredError, seeds: 60);

    /// <summary>All units share a random part, which the loss passes back to all of them alike.</summary>
    [Fact]
    public void A_common_part_of_all_outputs_comes_back_to_all_units() =>
        GrowthIsAsMeasured(Networks.Stack(8, 128, Activation.Identity, new Normal(0.05, 0.2)), Loss.MeanSquaredError, within: 0.25);

    /// <summary>The elements of softmax(y) - t sum to 0, so that weights of a common mean return nothing at first: more than a decade. That in half of the samples ReLU is dead is not told.</summary>
    [Fact]
    public void Cross_entropy_does_not_see_what_all_logits_share() =>
        GrowthIsAsMeasured(Networks.Stack(8, 128, Activation.ReLU, new Uniform()), Loss.CrossEntropy, within: 0.4);

    [Fact]
    public void Large_logits_of_similar_samples_have_similar_gradients() =>
        NormsAreAsMeasured(Networks.Stack(8, 128, Activation.Softplus, new KaimingGain(1.8), outputs: 10), Loss.CrossEntropy);

    private static void NormsAreAsMeasured(NetworkGraph graph, Loss loss, int seeds = 12)
    {
        PropagationOptions options = new() { Loss = loss };
        MeasuredFlow measured = MeasuredFlow.Of(graph, seeds, options);
        GradientFlow flow = SignalPropagator.Propagate(graph, options);
        Assert.Equal(flow.Layers.Average(layer => measured.Log10GradientNorms[layer.Name]), flow.Layers.Average(layer => layer.Log10GradientNorm), 0.12);
    }

    private static void GrowthIsAsMeasured(NetworkGraph graph, Loss loss, double within)
    {
        PropagationOptions options = new() { Loss = loss };
        Assert.Equal(MeasuredFlow.Of(graph, seeds: 6, options).Growth, SignalPropagator.Propagate(graph, options).Growth!.Value, within);
    }
}
