using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>What finite width makes of the gradient: the closed forms of Hanin and Nica (2018, theorem 1) against autograd.</summary>
[Collection("TorchSharp: one random generator for all")]
public class FluctuationTests
{
    private const int Layers = 11;
    private const int Width = 40;
    private const int Seeds = 200;

    /// <summary>
    /// For one sample in a ReLU net of He weights, each layer multiplies |g|^2 by 2/n chi^2 of k degrees, k of n units being active: Var ln |g|^2 = 5/n per layer and
    /// E ln |g|^2 = -5/2n, both to the first order in 1/n.
    /// </summary>
    [Fact]
    public void The_log_of_the_norm_has_the_variance_and_the_mean_of_Hanin_and_Nica()
    {
        const double PerLayer = 5.0 / Width;
        const double LnPerDecade = 4.605170185988092; // ln |g|^2 in a decade of |g|
        NetworkGraph graph = Networks.Stack(Layers, Width, Activation.ReLU, new KaimingNormal());
        MeasuredFlow measured = MeasuredFlow.Of(graph, Seeds, new PropagationOptions { BatchSize = 1, Loss = Loss.RandomDirection });
        double variance = measured.GrowthDeviation * measured.GrowthDeviation * LnPerDecade * LnPerDecade;
        double mean = measured.Growth * LnPerDecade;
        TestContext.Current.TestOutputHelper!.WriteLine($"variance {variance:f3} of {(Layers - 1) * PerLayer:f3}, mean {mean:f3} of {-0.5 * (Layers - 1) * PerLayer:f3}");

        // Three standard errors of a variance over 200 draws are 30 %, those of the mean 0.24; the next order in 1/n adds 6 %.
        Assert.InRange(variance, 0.7 * (Layers - 1) * PerLayer, 1.4 * (Layers - 1) * PerLayer);
        Assert.InRange(mean, (-0.5 * (Layers - 1) * PerLayer) - 0.27, (-0.5 * (Layers - 1) * PerLayer) + 0.24);
    }

    [Theory, InlineData(1, 5.0), InlineData(1024, 0.6)]
    public void What_samples_do_not_share_averages_out(int batch, double perLayerAtMost)
    {
        GradientFlow Predict(int samples) => SignalPropagator.Propagate(
            Networks.Stack(Layers, Width, Activation.ReLU, new KaimingNormal()), new PropagationOptions { BatchSize = samples, Loss = Loss.RandomDirection });
        double single = Predict(1).High!.Value - Predict(1).Low!.Value;
        double all = Predict(batch).High!.Value - Predict(batch).Low!.Value;
        Assert.True(all <= single);

        // The typical growth is below the mean, 0 decades, by half the variance.
        Assert.InRange(Predict(batch).Growth!.Value * 4.605170185988092 * -2 * Width / (Layers - 1), 0, perLayerAtMost * 1.001);
    }
}
