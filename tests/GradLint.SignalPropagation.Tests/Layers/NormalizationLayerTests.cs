using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>What each norm subtracts and divides by, and what it takes from the gradient.</summary>
public class NormalizationLayerTests
{
    /// <summary>Of 8 samples of correlation 0.4 the mean holds (1 + 7 * 0.4) / 8 of q; what is left of it sums to 0 over the batch.</summary>
    [Fact]
    public void Batch_norm_takes_away_what_samples_share()
    {
        Step step = Forward(new BatchNormLayer(10) { Epsilon = 0.025, Scale = new Constant(2) }, Signal(10));
        const double Left = 1 - 0.475;
        IsClose(Math.Log(4 * 3 * Left / 1.6), step.Output.LnQ);
        IsClose(-1.0 / 7, step.Output.Correlation.Sample);
        Assert.Equal((0, 0, 0, 0), (step.Output.MeanRatio, step.Output.Fluctuation, step.Output.BatchFluctuation, step.Output.Doubt));
        Assert.Equal(0, step.Output.UnitCorrelation); // 0.25 is less than what the mean takes
        IsClose(0.02 / (1 - (0.475 * 0.475)), step.Output.CorrelationVariance);

        Gradient back = step.Backward();
        IsClose(Math.Log(2 * 4 * (1 - 0.3 - 0.16 - (0.7 / 8)) * (6.0 / 4) / 1.6), back.LnP); // E 1/v of 7 independent samples about their mean: 6 / (6 - 2)
        IsClose(-1.0 / 7, back.Correlation.Sample);
        IsClose(0.5 / (1.475 * 0.7), back.CorrelationSlope.Sample);
        Assert.Equal((0, 0, 0, 0), (back.MeanRatio, back.Alignment, back.OwnAlignment, back.UnitCorrelation));
        Assert.Equal((-1, -1), (back.OfNorm.Sensitivity, back.OfGrowth.Sensitivity));
        Assert.Equal((0.2, 0.1), (back.OfNorm.Variance, back.OfGrowth.Variance));
        IsClose(0.08, back.Doubt);
    }

    [Fact]
    public void Few_independent_samples_have_a_variance_that_is_hardly_known() =>
        IsClose(Math.Log(2 * ((2.0 / 3 * (1 - ((1 + (2 * 0.2)) / 3))) - 0.16) * 3 / (3 * (1 - 0.6))), Forward(new BatchNormLayer(10) { Epsilon = 0 }, batch: 3, Signal(10)).Backward().LnP);

    [Fact]
    public void Layer_norm_takes_away_the_mean_over_the_units()
    {
        Step step = Forward(new LayerNormLayer([10]) { Epsilon = 0 }, Signal(4, 10));
        const double Removed = 0.25 + (0.75 / 10);
        IsClose(0, step.Output.LnQ);
        IsClose(new Pairs(0.15 / 0.75, 0.25 / 0.75, 0.1 / 0.75), step.Output.Correlation);
        IsClose(0, step.Output.UnitCorrelation);
        Gradient back = step.Backward();
        IsClose(Math.Log(2 * ((0.9 * (0.91 - (0.91 / 10))) - 0.16) / (3 * (1 - Removed))), back.LnP);
        IsClose(new Pairs(0.11 / 0.91, 0.51 / 0.91, 0.06 / 0.91), back.Correlation);
        Assert.Equal(40, new LayerNormLayer([4, 10]).Elements(step));
        Assert.Equal(10, new LayerNormLayer().Elements(step));
    }

    [Fact]
    public void The_mean_square_norm_subtracts_nothing()
    {
        Step step = Forward(new RMSNormLayer(10) { Epsilon = 1 }, Signal(10));
        IsClose(Math.Log(3.0 / 4), step.Output.LnQ);
        Assert.Equal((0.5, 0.25), (step.Output.MeanRatio, step.Output.UnitCorrelation));
        IsClose(new Pairs(0.4, 0.5, 0.35), step.Output.Correlation);
        Gradient back = step.Backward();
        const double Left = 1 - 0.16 - 0.1;
        IsClose(Math.Log(2 * Left / 4), back.LnP);
        IsClose(0.3 / Math.Sqrt(Left), back.MeanRatio);
        Assert.Equal(0.1, back.UnitCorrelation);
        IsClose(new Pairs(0.2, 0.6, 0.15), back.Correlation);
    }

    /// <summary>Groups of 2 channels over 5 positions: the common mean, and half of what the mean over positions of a channel holds beyond it.</summary>
    [Fact]
    public void Group_norm_takes_away_the_mean_of_the_group()
    {
        Step step = Forward(new GroupNormLayer(2, 4) { Epsilon = 0 }, Channels(4, 5));
        const double Removed = 0.25 + (0.35 / 2);
        const double Shared = 0.25 + (0.11 / 2); // of two samples: (0.4 + 4 * 0.35) / 5 over positions
        IsClose(0, step.Output.LnQ);
        IsClose(new Pairs((0.4 - Shared) / (1 - Removed), (0.5 - Removed) / (1 - Removed), (0.35 - Shared) / (1 - Removed)), step.Output.Correlation);
        const double OfGradient = 0.09 + ((((1 + (4 * 0.6)) / 5) - 0.09) / 2);
        const double Rest = (0.5 - Removed) / (1 - Removed);
        const double Independent = 2 / ((1 + (4 * Rest * Rest)) / 5); // samples of the variance: 2 channels, and the positions as far as they differ
        IsClose(Math.Log(2 * ((0.9 * (1 - OfGradient)) - 0.16) * (1 + (2 / (Independent - 3))) / (3 * (1 - Removed))), step.Backward().LnP);
        Assert.Equal((2, 10), (step.Node.Layer is GroupNormLayer norm ? norm.ChannelsTogether(step) : 0, new GroupNormLayer(2, 4).Elements(step)));
        Assert.Equal(1, new GroupNormLayer(8, 4).ChannelsTogether(step));
    }

    [Fact]
    public void Instance_norm_takes_away_the_mean_of_each_channel()
    {
        Step step = Forward(new InstanceNormLayer(4) { Epsilon = 0 }, Channels(4, 5));
        IsClose(new Pairs((0.4 - 0.36) / 0.4, (0.5 - 0.6) / 0.4, (0.35 - 0.36) / 0.4), step.Output.Correlation);
        Assert.Equal((1, 5), (new InstanceNormLayer(4).ChannelsTogether(step), new InstanceNormLayer(4).Elements(step)));
    }

    /// <summary>A channel whose gradient follows its own signal over the positions loses that part, too.</summary>
    [Fact]
    public void What_follows_a_channels_own_signal_is_taken_away()
    {
        Step step = Forward(new InstanceNormLayer(4) { Epsilon = 0 }, Channels(4, 5));
        Gradient gradient = Gradient(step) with { Correlation = default, MeanRatio = 0, Alignment = 0 };
        Gradient plain = step.Node.Layer.Backward(step, gradient)[0];
        Gradient own = step.Node.Layer.Backward(step, gradient with { OwnAlignment = 0.5 })[0];
        IsClose(plain.LnP + Math.Log(0.5), own.LnP);
        IsClose(0.1 * Math.Log(0.5) * Math.Log(0.5), own.OfNorm.Variance - plain.OfNorm.Variance);
        IsClose(0.1 * Math.Log(0.5) * Math.Log(0.5), own.OfGrowth.Variance - plain.OfGrowth.Variance);
    }

    [Fact]
    public void Of_a_gradient_that_is_the_same_everywhere_nothing_is_left()
    {
        Step step = Forward(new InstanceNormLayer(4), Channels(4, 5));
        Assert.Equal(double.NegativeInfinity, step.Node.Layer.Backward(step, Gradient(step) with { Correlation = new Pairs(0.2, 1, 0.2) })[0].LnP);
    }

    [Fact]
    public void Nothing_in_is_nothing_out()
    {
        Step step = Forward(new LayerNormLayer([10]), SignalPropagation.Signal.Zero(Shape.Vector(10), UnitAxis.Last));
        Assert.Equal(double.NegativeInfinity, step.Output.LnQ);
        Assert.Equal(0, step.Backward().OfNorm.Sensitivity);
        IsClose(Math.Log(2 * ((0.9 * (0.91 - (0.91 / 10))) - 0.16) / 1e-5), step.Backward().LnP);
    }

    [Fact]
    public void A_scale_that_is_unknown_stops_the_prediction() =>
        Assert.Equal("its scale is unknown", Assert.Throws<PredictionStopException>(() => Forward(new BatchNormLayer(10) { Scale = new UnknownInitializer("?") }, Signal(10))).Message);

    [Fact]
    public void A_scale_of_zeros_closes_the_branch() =>
        Assert.Equal(double.NegativeInfinity, Forward(new BatchNormLayer(10) { Scale = new Zeros() }, Signal(10)).Output.LnQ);
}
