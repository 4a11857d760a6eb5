using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Layers without weights that act on each unit, arrange units or take some of them: what they do to every moment.</summary>
public class UnitwiseLayerTests
{
    [Fact]
    public void Dropout_scales_what_it_keeps()
    {
        Step step = Forward(new DropoutLayer(0.2), Signal(10));
        IsClose(Math.Log(3 / 0.8), step.Output.LnQ);
        IsClose(0.5 * Math.Sqrt(0.8), step.Output.MeanRatio);
        IsClose(0.25 * 0.8, step.Output.UnitCorrelation);
        IsClose(new Pairs(0.32, 0.4, 0.28), step.Output.Correlation);
        IsClose(0.02 * 0.64, step.Output.CorrelationVariance);
    }

    /// <summary>g = kappa m x / (1 - p) + xi: the mask comes in twice in the first part, once in the second.</summary>
    [Fact]
    public void What_follows_the_signal_meets_the_mask_of_dropout_again()
    {
        Gradient back = Forward(new DropoutLayer(0.2), Signal(10)).Backward();
        const double Coherent = 0.16;
        const double Total = 1 + (Coherent * 0.25);
        double following = 0.4 * 0.5 * Math.Sqrt(0.8);
        IsClose(Math.Log(2 / 0.8 * Total), back.LnP);
        IsClose(((following / Math.Sqrt(0.8)) + ((0.3 - following) * Math.Sqrt(0.8))) / Math.Sqrt(Total), back.MeanRatio);
        IsClose(0.1 * 0.8, back.UnitCorrelation);
        IsClose(0.4 / Math.Sqrt(Total), back.Alignment);
        IsClose(((Coherent * 0.4) + ((0.2 - (Coherent * 0.32)) * 0.8)) / Total, back.Correlation.Sample);
        IsClose(((Coherent / 0.8) + ((0.5 - Coherent) * 0.8)) * 0.8 / Total, back.CorrelationSlope.Sample);
    }

    [Theory, InlineData(-2.0, -0.5, -0.3), InlineData(0.5, 0.5, 0.3)]
    public void A_scale_multiplies_both_signals(double factor, double mean, double meanOfGradient)
    {
        Step step = Forward(new ScaleLayer(factor), Signal(10));
        IsClose(Math.Log(3 * factor * factor), step.Output.LnQ);
        IsClose(mean, step.Output.MeanRatio);
        IsClose(Math.Log(2 * factor * factor), step.Backward().LnP);
        IsClose(meanOfGradient, step.Backward().MeanRatio);
        Assert.Equal(factor > 0, step.Node.Layer.KeepsUnits);
    }

    [Fact]
    public void A_scale_of_0_lets_nothing_pass()
    {
        Step step = Forward(new ScaleLayer(0), Signal(10));
        Assert.Equal(double.NegativeInfinity, step.Output.LnQ);
        Assert.Equal(double.NegativeInfinity, step.Backward().LnP);
        Assert.False(step.Node.Layer.KeepsUnits);
    }

    /// <summary>The covariance over 20 positions follows that at one of them by (1 + 19 c^2) / 20.</summary>
    [Fact]
    public void Flattened_positions_have_weights_of_their_own()
    {
        Step step = Forward(new FlattenLayer(), Channels(3, 4, 5));
        double shared = (1 + (19 * 0.25)) / 20;
        Assert.Equal([60], step.Output.Shape.Sizes);
        Assert.Equal(UnitAxis.Last, step.Output.Axis);
        IsClose(0.02 * shared, step.Output.CorrelationVariance);
        IsClose(new Pairs(0.2, 0, 0), step.Backward().Correlation);
        IsClose(new Pairs(0.5 * shared, 0, 0), step.Backward().CorrelationSlope);
        Assert.Equal([3, 4, 5], step.Backward().Shape.Sizes);
    }

    [Fact]
    public void A_transposition_moves_the_axis_of_the_units()
    {
        Step toLast = Forward(new TransposeLayer(), Channels(3, 4, 5));
        Assert.Equal((UnitAxis.Last, "4 5 3"), (toLast.Output.Axis, Sizes(toLast.Output.Shape)));
        Assert.Equal("3 4 5", Sizes(toLast.Backward().Shape));
        Step toFirst = Forward(new TransposeLayer(), Signal(4, 5, 3));
        Assert.Equal((UnitAxis.First, "3 4 5"), (toFirst.Output.Axis, Sizes(toFirst.Output.Shape)));
        Assert.Equal("7", Sizes(Forward(new TransposeLayer(), Signal(7)).Output.Shape));
        Assert.Equal("5 3", Sizes(Forward(new TransposeLayer(), Channels(3, 5)).Output.Shape));
    }

    [Fact]
    public void A_slice_takes_its_share_of_the_units_along_their_axis()
    {
        Assert.Equal("4 5", Sizes(Forward(new SliceLayer(0.5), Signal(4, 10)).Output.Shape));
        Assert.Equal("2 10", Sizes(Forward(new SliceLayer(0.5), Channels(4, 10)).Output.Shape));
        Assert.Equal("1", Sizes(Forward(new SliceLayer(0.01), Signal(10)).Output.Shape));
        Assert.Equal("?", Sizes(Forward(new SliceLayer(0.5), Signal([null])).Output.Shape));
        Gradient back = Forward(new SliceLayer(0.25), Signal(4, 10)).Backward();
        IsClose(Math.Log(2 * 0.25), back.LnP);
        Assert.Equal((0, 0, "4 10"), (back.MeanRatio, back.Alignment, Sizes(back.Shape)));
    }

    /// <summary>Of P positions one receives the gradient.</summary>
    [Fact]
    public void A_selected_position_is_one_of_many()
    {
        Step step = Forward(new SelectLayer(), Signal(5, 10));
        Assert.Equal("10", Sizes(step.Output.Shape));
        IsClose(Math.Log(3), step.Output.LnQ);
        Gradient back = step.Backward();
        IsClose(Math.Log(2.0 / 5), back.LnP);
        IsClose(0.3 / Math.Sqrt(5), back.MeanRatio);
        IsClose(0.4 / Math.Sqrt(5), back.Alignment);
        IsClose(new Pairs(0.2, 0, 0), back.Correlation);
        IsClose(new Pairs(0.5, 0, 0), back.CorrelationSlope);
        Assert.Equal([0, 0, 0, 0, 5], back.Profile!.Axis(0));
        Assert.Equal("5 10", Sizes(back.Shape));
        Step channels = Forward(new SelectLayer(), Channels(3, 7));
        Assert.Equal(("3", UnitAxis.Last), (Sizes(channels.Output.Shape), channels.Output.Axis));
    }

    /// <summary>E (sum x / P)^2 = q (1 + (P - 1) c) / P.</summary>
    [Fact]
    public void The_mean_over_positions_keeps_what_they_share()
    {
        Step step = Forward(new MeanLayer(), Signal(5, 10));
        const double Kept = (1 + (4 * 0.5)) / 5;
        Assert.Equal("10", Sizes(step.Output.Shape));
        IsClose(Math.Log(3 * Kept), step.Output.LnQ);
        IsClose(0.5 / Math.Sqrt(Kept), step.Output.MeanRatio);
        IsClose((0.4 + (4 * 0.35)) / 5 / Kept, step.Output.Correlation.Sample);
        Gradient back = step.Backward();
        IsClose(Math.Log(2.0 / 25), back.LnP);
        IsClose(new Pairs(0.2, 1, 0.2), back.Correlation);
        IsClose(0.4 * (Kept - 0.25) / 0.75 / Math.Sqrt(Kept), back.Alignment); // by regression: (q' - m^2) / (q - m^2)
        Assert.Equal("5 10", Sizes(back.Shape));
        Assert.Equal("3", Sizes(Forward(new MeanLayer(), Channels(3, 7)).Output.Shape));
    }

    [Fact]
    public void Signals_side_by_side_have_the_weighted_moments()
    {
        Signal small = Signal(4, 10);
        Signal large = Signal(4, 30) with { LnQ = Math.Log(9), MeanRatio = 0.1, Correlation = new Pairs(0.1, 0.2, 0.05), Fluctuation = 0.4, BatchFluctuation = 0.2, CorrelationVariance = 0.08 };
        Step step = Forward(new ConcatLayer(), small, large);
        const double Q = (3 * 0.25) + (9 * 0.75);
        const double A = 3 * 0.25 / Q;
        const double B = 9 * 0.75 / Q;
        Assert.Equal("4 40", Sizes(step.Output.Shape));
        IsClose(Math.Log(Q), step.Output.LnQ);
        IsClose(((0.5 * Math.Sqrt(3) * 0.25) + (0.1 * 3 * 0.75)) / Math.Sqrt(Q), step.Output.MeanRatio);
        IsClose(new Pairs((A * 0.4) + (B * 0.1), (A * 0.5) + (B * 0.2), (A * 0.35) + (B * 0.05)), step.Output.Correlation);
        IsClose((A * A * 0.1) + (B * B * 0.4), step.Output.Fluctuation);
        IsClose((A * A * 0.04) + (B * B * 0.2), step.Output.BatchFluctuation);
        IsClose(Math.Pow((A * Math.Sqrt(0.02)) + (B * Math.Sqrt(0.08)), 2), step.Output.CorrelationVariance);

        IReadOnlyList<Gradient> back = step.Node.Layer.Backward(step, Gradient(step));
        Assert.Equal(["4 10", "4 30"], back.Select(one => Sizes(one.Shape)));
        IsClose(0.4 * Math.Sqrt(3 / Q), back[0].Alignment);
        IsClose(0.4, back[1].Alignment);
        Assert.All(back, one => IsClose(Math.Log(2), one.LnP));
    }

    [Fact]
    public void Channels_stand_side_by_side_along_the_first_axis()
    {
        Assert.Equal("7 5", Sizes(Forward(new ConcatLayer(), Channels(3, 5), Channels(4, 5)).Output.Shape));
        Assert.Equal("? 5", Sizes(Forward(new ConcatLayer(), Channels(3, 5), Channels(null, 5)).Output.Shape));
        Signal nothing = SignalPropagation.Signal.Zero(Shape.Vector(3), UnitAxis.Last);
        Step dead = Forward(new ConcatLayer(), nothing, nothing);
        Assert.Equal(double.NegativeInfinity, dead.Output.LnQ);
        Assert.Equal(0, dead.Node.Layer.Backward(dead, Gradient(dead))[0].Alignment);
    }

    [Fact]
    public void Tokens_become_rows_of_the_table()
    {
        EmbeddingLayer layer = new(50, 16) { Weight = new Normal(1, 2) };
        Step step = Forward(layer, Signal(6));
        Assert.Equal("6 16", Sizes(step.Output.Shape));
        IsClose(Math.Log(5), step.Output.LnQ);
        IsClose(1 / Math.Sqrt(5), step.Output.MeanRatio);
        IsClose(0.2, step.Output.UnitCorrelation);
        IsClose(((4.0 / 50) + 1) / 5, step.Output.Correlation.Both); // the same token by chance, and the mean
        IsClose(1.0 / 16, step.Output.CorrelationVariance);
        Assert.Equal(double.NegativeInfinity, step.Backward().LnP);
        Assert.Equal(50 * 16, layer.WeightCount(step));
        Assert.Contains("tokens are drawn at random, each as often as the others", step.Context.Assumptions);

        // 48 occurrences of 16 numbers: those of the same token add up.
        double mix = (1 + (7 * 0.2) + (5 * 0.6) + (35 * 0.15)) / 48;
        IsClose(Math.Log(48 * 16 * (1 + (((48 * mix) - 1) / 50)) * 2), layer.LnWeightGradient(step, Gradient(step)));
        Assert.Equal("its initialization is unknown", Assert.Throws<PredictionStopException>(() => Forward(layer with { Weight = new UnknownInitializer("?") }, Signal(6))).Message);
        IsClose(new Fans(16, 50).Out, layer.Fans(step).Out);
        Assert.Equal(1e4 * 16, (layer with { Count = null }).WeightCount(step));
    }

    private static string Sizes(Shape shape) => string.Join(" ", shape.Sizes!.Select(size => size?.ToString() ?? "?"));
}
