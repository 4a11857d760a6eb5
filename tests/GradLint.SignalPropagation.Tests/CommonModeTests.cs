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
    public void Where_there_is_no_common_part_the_moments_are_Gaussian()
    {
        Signal signal = new() { Shape = Shape.Vector(64), Axis = UnitAxis.Last, LnQ = 1 };
        Assert.Null(CommonMode.Of(Activation.Tanh, signal, Activation.Tanh.Moments(1, 0)));
        Assert.Null(CommonMode.Of(Activation.ReLU, signal with { UnitCorrelation = 0.9 }, Activation.ReLU.Moments(1, 0)));
    }

    /// <summary>E f^2 does not depend on how the Gaussian is shared among the units, as long as it is one.</summary>
    [Fact]
    public void A_Gaussian_common_part_leaves_the_moments_of_a_unit_as_they_are()
    {
        ActivationMoments gaussian = Activation.Tanh.Moments(1, 0);
        CommonMode common = CommonMode.Of(Activation.Tanh, new Signal { Shape = Shape.Vector(64), Axis = UnitAxis.Last, LnQ = 1, UnitCorrelation = 0.5 }, gaussian)!;
        Assert.Equal(gaussian.LnV, common.LnV, 1e-3);
        Assert.Equal(gaussian.LnD, common.LnD, 1e-3);
        Assert.Equal(gaussian.LnVSlope, common.LnVSlope, 1e-3);
        Assert.Equal(gaussian.C(0.5), common.UnitCorrelation, 1e-3);
        Assert.InRange(common.Size, 0.1, 0.9);
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
