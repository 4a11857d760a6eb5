using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Weights that are not centred give all units the same random part, of which a saturating activation leaves little more than the sign.</summary>
[Collection("TorchSharp: one random generator for all")]
public class CommonModeTests
{
    [Fact]
    public void Weights_from_0_to_1_saturate_softsign_so_that_the_gradient_vanishes_by_decades_that_nobody_can_tell()
    {
        NetworkGraph graph = Networks.Stack(8, 64, Activation.Softsign, new Uniform());
        GradientFlow flow = SignalPropagator.Propagate(graph);
        double measured = MeasuredFlow.Of(graph, seeds: 6).Growth;

        Assert.True(measured < -2);
        Assert.True(flow.Low < -2);
        Assert.Null(flow.Growth); // a range, not a number
        Assert.InRange(measured, flow.Low!.Value, flow.High!.Value);
    }

    [Fact]
    public void A_gradient_that_is_the_same_at_all_positions_does_not_pass_an_instance_normalization()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([3, 8, 8])
            conv = Convolution(3 -> 16, kernel: [3, 3], weight: KaimingNormal, padding: [1]) <- input
            norm = InstanceNorm(16) <- conv
            pool = AdaptiveAvgPool <- norm
            flat = Flatten <- pool
            out = Linear(16 -> 10, weight: XavierNormal) <- flat
            """);
        Assert.Equal(double.NegativeInfinity, SignalPropagator.Propagate(graph).Growth);
    }
}
