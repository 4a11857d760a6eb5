using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Where two signals meet: their sum and their product.</summary>
public class BranchLayerTests
{
    private static readonly Signal s_other = Signal(10).Centred() with { LnQ = Math.Log(9), Correlation = new Pairs(0.1, 0.2, 0.05), Fluctuation = 0.4, BatchFluctuation = 0.2, Doubt = 0.01, CorrelationVariance = 0.08 };

    [Fact]
    public void A_sum_of_independent_branches_has_the_sum_of_their_moments()
    {
        Step step = Forward(new AddLayer(), Signal(10).Centred(), s_other);
        const double A = 0.25;
        const double B = 0.75;
        const double Noise = 4 * A * B / 10; // of 2 x y, over 10 units
        IsClose(Math.Log(12) - (0.5 * Noise), step.Output.LnQ);
        IsClose(new Pairs((A * 0.4) + (B * 0.1), (A * 0.5) + (B * 0.2), (A * 0.35) + (B * 0.05)), step.Output.Correlation);
        IsClose((A * A * 0.1) + (B * B * 0.4) + Noise, step.Output.Fluctuation);
        IsClose((A * A * 0.04) + (B * B * 0.2) + Noise, step.Output.BatchFluctuation);
        IsClose((A * 0.05) + (B * 0.01), step.Output.Doubt);
        IsClose(Math.Pow((A * Math.Sqrt(0.02)) + (B * Math.Sqrt(0.08)), 2) + (2 * A * B * (1 + (0.4 * 0.1)) / 10), step.Output.CorrelationVariance);
    }

    /// <summary>Branches with weights of their own share nothing but their means: 2 m_x m_y on top, and so over two samples.</summary>
    [Fact]
    public void The_means_of_two_branches_add_up()
    {
        Signal other = s_other with { MeanRatio = 0.2, UnitCorrelation = 0.3 };
        Step step = Forward(new AddLayer(), Signal(10), other);
        const double A = 0.25;
        const double B = 0.75;
        double cross = 2 * Math.Sqrt(A * B) * 0.5 * 0.2;
        double total = 1 + cross;
        double noise = 4 * A * B / (total * total) * 0.9 / 10;
        IsClose(Math.Log(12 * total) - (0.5 * noise), step.Output.LnQ);
        IsClose(((0.5 * Math.Sqrt(A)) + (0.2 * Math.Sqrt(B))) / Math.Sqrt(total), step.Output.MeanRatio);
        IsClose(((A * 0.25) + (B * 0.3) + cross) / total, step.Output.UnitCorrelation);
        IsClose(new Pairs(((A * 0.4) + (B * 0.1) + cross) / total, ((A * 0.5) + (B * 0.2) + cross) / total, ((A * 0.35) + (B * 0.05) + cross) / total), step.Output.Correlation);
        IsClose((A * A * 0.1 / (total * total)) + (B * B * 0.4 / (total * total)) + noise, step.Output.Fluctuation);
        IsClose((A * A * 0.04 / (total * total)) + (B * B * 0.2 / (total * total)) + noise, step.Output.BatchFluctuation);
        IsClose(((A * 0.05) + (B * 0.01)) / total, step.Output.Doubt);
        double products = 2 * A * B * 0.9 * (1 + (0.4 * 0.1)) / 10;
        IsClose((Math.Pow((A * Math.Sqrt(0.02)) + (B * Math.Sqrt(0.08)), 2) + products) / (total * total), step.Output.CorrelationVariance);
    }

    /// <summary>Twice the same signal: q' = 4 q.</summary>
    [Fact]
    public void A_signal_added_to_itself_is_twice_as_large()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse(
            """
            input = Input([100000])
            fc = Linear(100000 -> 100000, weight: XavierNormal) <- input
            sum = Add <- fc, fc
            last = Linear(100000 -> 100000, weight: XavierNormal) <- sum
            """));
        Assert.Equal(4, flow.Layers[1].SecondMoment / flow.Layers[0].SecondMoment, 1e-3);
    }

    [Fact]
    public void Each_branch_of_a_sum_gets_the_gradient_and_its_share_of_what_follows_the_sum()
    {
        Step step = Forward(new AddLayer(), Signal(10).Centred(), s_other);
        IReadOnlyList<Gradient> back = step.Node.Layer.Backward(step, Gradient(step) with { MeanRatio = -0.01 });
        Assert.All(back, one => IsClose(Math.Log(2), one.LnP));
        Assert.All(back, one => IsClose(-1 / Math.Sqrt(10), one.MeanRatio)); // a mean over 10 units is never smaller
        double share = 3 / Math.Exp(step.Output.LnQ);
        IsClose(0.4 * Math.Sqrt(share), back[0].Alignment);
        IsClose(0.5 * share, back[0].OfNorm.Sensitivity);
        IsClose(0.25 * share, back[0].OfGrowth.Sensitivity);
        IsClose(0.4 * Math.Sqrt(9 / Math.Exp(step.Output.LnQ)), back[1].Alignment);
        IsClose(1 / Math.Sqrt(10), step.Node.Layer.Backward(step, Gradient(step) with { MeanRatio = 0.01 })[0].MeanRatio);
        IsClose(-0.5, step.Node.Layer.Backward(step, Gradient(step) with { MeanRatio = -0.5 })[0].MeanRatio);
    }

    [Fact]
    public void A_branch_that_is_closed_adds_nothing()
    {
        Signal closed = SignalPropagation.Signal.Zero(Shape.Vector(10), UnitAxis.Last);
        IsClose(Math.Log(3), Forward(new AddLayer(), Signal(10).Centred(), closed).Output.LnQ);
        Step dead = Forward(new AddLayer(), closed, closed);
        Assert.Equal(double.NegativeInfinity, dead.Output.LnQ);
    }

    [Fact]
    public void A_factor_on_the_sum_multiplies_both_signals()
    {
        Step step = Forward(new AddLayer { Weight = 2 }, Signal(10).Centred());
        IsClose(Math.Log(3 * 4), step.Output.LnQ);
        Gradient back = step.Backward();
        IsClose(Math.Log(2 * 4), back.LnP);
        IsClose(0.4, back.Alignment);
    }

    /// <summary>E (a b)^2 = E a^2 E b^2, with a noise of (9 - 1) / n for two Gaussians.</summary>
    [Fact]
    public void A_product_multiplies_the_moments()
    {
        Signal gate = s_other with { MeanRatio = 0.2, UnitCorrelation = 0.3 };
        Step step = Forward(new ProductLayer(), Signal(10), gate);
        const double Noise = 8.0 / 10;
        IsClose(Math.Log(27) - (0.5 * Noise), step.Output.LnQ);
        IsClose(0.1, step.Output.MeanRatio);
        IsClose(0.25 * 0.3, step.Output.UnitCorrelation);
        IsClose(new Pairs(0.04, 0.1, 0.0175), step.Output.Correlation);
        IsClose(0.1 + 0.4 + (2 * 0.1) + Noise, step.Output.Fluctuation);
        IsClose(0.04 + 0.2 + (2 * 0.04) + (Noise * (1 + (7 * 0.04 * 0.04)) / 8), step.Output.BatchFluctuation);
        IsClose(0.06, step.Output.Doubt);
        IsClose((0.02 * 0.01) + (0.08 * 0.16), step.Output.CorrelationVariance);
    }

    /// <summary>p_a = p' q_b, and of what follows the product E b^4 = 3 (E b^2)^2.</summary>
    [Fact]
    public void Each_factor_gets_the_gradient_times_the_other()
    {
        Signal narrow = s_other with { MeanRatio = 0.2, UnitCorrelation = 0.3, Fluctuation = 0, BatchFluctuation = 0 };
        Step step = Forward(new ProductLayer(), Signal(10), narrow);
        IReadOnlyList<Gradient> back = step.Node.Layer.Backward(step, Gradient(step));
        const double Followed = 1 + (0.16 * 2);
        IsClose(Math.Log(2 * 9 * Followed), back[0].LnP);
        IsClose(Math.Log(2 * 3 * Followed), back[1].LnP);
        IsClose(0.4 / Math.Sqrt(Followed), back[0].Alignment);
        IsClose(0.3 * 0.2, back[0].MeanRatio);
        IsClose(0.3 * 0.5, back[1].MeanRatio);
        IsClose(0.1 * 0.3, back[0].UnitCorrelation);
        IsClose(new Pairs(0.2 * 0.1, 0.6 * 0.2, 0.15 * 0.05), back[0].Correlation);
        IsClose(new Pairs(0.5 * 0.4, 0.25 * 0.5, 0.125 * 0.35), back[1].CorrelationSlope);
        IsClose((2 * 0.5) + 1, back[0].OfNorm.Sensitivity);
        IsClose((2 * 0.25) + 1, back[0].OfGrowth.Sensitivity);
        IsClose(0.03 + 0.01, back[0].Doubt);
        IsClose(0.03 + 0.05, back[1].Doubt);
    }

    /// <summary>Samples with a larger source weigh more in the batch: exp of k d, d of a variance of 0.06, with k = 2 instead of 1.</summary>
    [Fact]
    public void A_spread_that_both_factors_have_weighs_samples_anew()
    {
        Step step = Forward(new ProductLayer(), Signal(10), Signal(10));
        const double Followed = 1 + (0.16 * 2);
        IsClose(Math.Log(2 * 3 * Followed) + (0.5 * 0.06 * ((2 * 2) - 1)), step.Node.Layer.Backward(step, Gradient(step))[0].LnP);
    }

    /// <summary>What has one position scales all four of the other, and sums their gradients.</summary>
    [Fact]
    public void A_single_position_scales_all_of_the_other()
    {
        Signal wide = Signal(4, 10);
        Signal narrow = s_other with { Fluctuation = 0, BatchFluctuation = 0 };
        Step step = Forward(new ProductLayer(), narrow, wide);
        Assert.Equal([4, 10], step.Output.Shape.Sizes);
        IsClose(new Pairs(0.4 * 0.1, 0.5, 0.35 * 0.1), step.Output.Correlation);
        IReadOnlyList<Gradient> back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0 });
        double together = 1 + (3 * 0.6 * 0.5);
        IsClose(Math.Log(2 * 3 * 4 * together), back[0].LnP);
        IsClose(new Pairs(0.2 * 0.4, 0, 0), back[0].Correlation);
        IsClose(Math.Log(2 * 9), back[1].LnP);
        IsClose(new Pairs(0.2 * 0.1, 0.6, 0.15 * 0.1), back[1].Correlation);
        Assert.Equal([10], back[0].Shape.Sizes);
    }
}
