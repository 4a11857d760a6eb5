using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>An activation by itself: ReLU, of which all moments are known.</summary>
public class ActivationLayerTests
{
    private static readonly ActivationMoments s_relu = Activation.ReLU.Moments(0, 0);

    /// <summary>n units of kurtosis 6 fluctuate by 5 / n.</summary>
    [Fact]
    public void ReLU_halves_the_second_moment_and_makes_a_mean()
    {
        Signal output = Forward(new ActivationLayer(Activation.ReLU), batch: 1, Signal(10).Centred()).Output;
        IsClose(Math.Log(1.5) - 0.25, output.LnQ);
        IsClose(1 / Math.Sqrt(Math.PI), output.MeanRatio);
        IsClose(1 / Math.PI, output.UnitCorrelation);
        IsClose(new Pairs(s_relu.C(0.4), s_relu.C(0.5), s_relu.C(0.35)), output.Correlation);
        IsClose(0.1 + 0.5, output.Fluctuation);
        IsClose(0.04 + 0.5, output.BatchFluctuation);
        IsClose(0.05, output.Doubt);
        double slope = ActivationMoments.SlopeOf(s_relu.C, 0.4);
        IsClose((slope * slope * 0.02) + ((s_relu.SquareTwoPoint(0.4) - (s_relu.C(0.4) * s_relu.C(0.4))) / 10), output.CorrelationVariance);
    }

    [Fact]
    public void Over_a_batch_and_positions_only_what_they_share_fluctuates()
    {
        Signal output = Forward(new ActivationLayer(Activation.ReLU), batch: 8, Signal(4, 10).Centred()).Output;
        double sample = s_relu.SquareTwoPoint(0.4) - 1;
        double position = s_relu.SquareTwoPoint(0.5) - 1;
        double both = s_relu.SquareTwoPoint(0.35) - 1;
        IsClose(0.1 + ((5 + (3 * position)) / 4 / 10), output.Fluctuation);
        IsClose(0.04 + ((5 + (7 * sample) + (3 * position) + (21 * both)) / 32 / 10), output.BatchFluctuation);
    }

    /// <summary>A norm that is passed on exactly takes its 2 of the kurtosis of 6 away.</summary>
    [Fact]
    public void After_an_isometry_there_is_less_to_fluctuate() =>
        IsClose(0.1 + (3.0 / 10), Forward(new ActivationLayer(Activation.ReLU), batch: 1, Signal(10).Centred() with { Isometry = 1 }).Output.Fluctuation);

    [Fact]
    public void The_gradient_passes_half_of_the_units()
    {
        Step step = Forward(new ActivationLayer(Activation.ReLU), batch: 1, Signal(10).Centred());
        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0 })[0];
        IsClose(Math.Log(1) - (0.5 * 0.3), back.LnP);
        IsClose(0.3 * Math.Sqrt(0.5), back.MeanRatio);
        IsClose(0.05, back.UnitCorrelation);
        IsClose(0.3 / Math.Sqrt(Math.PI), back.Alignment);
        IsClose(0.2 * s_relu.Dc(0.4), back.Correlation.Sample);
        IsClose(0.03, back.Doubt);
        IsClose(0.2 + 0.3 + (((0.25 * 5) + 1) / 10), back.OfNorm.Variance);
        IsClose(0.1 + 0.3 + (((0.0625 * 5) + 0.5) / 10), back.OfGrowth.Variance);
        Assert.Equal((0.5, 0.25), (back.OfNorm.Sensitivity, back.OfGrowth.Sensitivity));
        double slope = (0.2 * ActivationMoments.SlopeOf(s_relu.Dc, 0.4)) + (0.5 * s_relu.Dc(0.4) * ActivationMoments.SlopeOf(s_relu.C, 0.4));
        IsClose(new Pairs(slope, 0, 0), back.CorrelationSlope);
    }

    /// <summary>g = kappa f + xi comes back as f' (kappa f + xi): E f^2 f'^2 = 2 E f^2 E f'^2.</summary>
    [Fact]
    public void What_follows_the_signal_passes_where_the_slope_is()
    {
        Step step = Forward(new ActivationLayer(Activation.ReLU), batch: 1, Signal(10).Centred());
        Gradient gradient = Gradient(step) with { MeanRatio = 0.4 / Math.Sqrt(Math.PI) }; // that of kappa f, and nothing beyond it
        Gradient back = step.Node.Layer.Backward(step, gradient)[0];
        const double Power = 1 - 0.16 + (0.16 * 2);
        IsClose(Math.Log(2 * 0.5 * Power) - (0.5 * 0.3), back.LnP);
        IsClose(0.4 / Math.Sqrt(Power), back.Alignment);
        IsClose(0.4 * Math.Sqrt(2 / Math.PI) / Math.Sqrt(Power), back.MeanRatio);
    }

    /// <summary>Over positions and samples, with a part that follows the signal: r' = ((r - k^2 c') Dc + k^2 2 C) / (1 + k^2).</summary>
    [Fact]
    public void What_follows_the_signal_is_as_much_alike_as_the_signal()
    {
        Step step = Forward(new ActivationLayer(Activation.ReLU), batch: 8, Signal(4, 10).Centred());
        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { MeanRatio = 0.4 / Math.Sqrt(Math.PI) })[0];
        const double Power = 1 + 0.16;
        IsClose(new Pairs(Correlation(0.2, 0.4), Correlation(0.6, 0.5), Correlation(0.15, 0.35)), back.Correlation);
        IsClose(new Pairs(Slope(0.5, 0.2, 0.4), Slope(0.25, 0.6, 0.5), Slope(0.125, 0.15, 0.35)), back.CorrelationSlope);
        IsClose((0.6 - (0.16 * s_relu.C(0.5))) / Math.PI / Power, back.OwnAlignment);
        double noise = (3 + (7 * Noise(0.2, 0.4)) + (3 * Noise(0.6, 0.5)) + (21 * Noise(0.15, 0.35))) / 32 / 10;
        IsClose(Math.Log(2 * 0.5 * Power) - (0.5 * noise), back.LnP);

        static double Correlation(double r, double c) => (((r - (0.16 * s_relu.C(c))) * s_relu.Dc(c)) + (0.32 * s_relu.C(c))) / Power;
        static double Noise(double r, double c) => (s_relu.SquaredSlopeTwoPoint(c) - 1) * (1 + (2 * r * r));
        static double Slope(double given, double r, double c) =>
            (((r - (0.16 * s_relu.C(c))) * ActivationMoments.SlopeOf(s_relu.Dc, c)) + (((given * s_relu.Dc(c)) + 0.32 - (0.16 * s_relu.Dc(c))) * ActivationMoments.SlopeOf(s_relu.C, c))) / Power;
    }

    /// <summary>Not even the largest value is near the threshold, so that nothing is in doubt.</summary>
    [Fact]
    public void A_dead_zone_lets_nothing_pass()
    {
        Step step = Forward(new ActivationLayer(new Hardshrink()), Signal(10).Centred() with { LnQ = -1000 });
        Assert.Equal((double.NegativeInfinity, 0), (step.Output.LnQ, step.Output.Doubt));
        Assert.Equal(double.NegativeInfinity, step.Backward().LnP);
    }

    /// <summary>exp(u) over n e^(q/2), n of them.</summary>
    [Fact]
    public void A_softmax_divides_by_the_sum()
    {
        Step step = Forward(new ActivationLayer(Activation.Softmax), batch: 1, Signal(1_000_000).Centred() with { LnQ = Math.Log(0.25), Fluctuation = 0 });
        Assert.Equal(0.5 - (2 * (Math.Log(1e6) + 0.125)), step.Output.LnQ, 1e-5);
        Assert.Equal("a softmax of values with a deviation of 10 picks one of them", Assert.Throws<PredictionStopException>(() => Forward(new ActivationLayer(Activation.Softmax), Signal(10).Centred() with { LnQ = Math.Log(100) })).Message);
    }
}
