using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Pools and upsampling by themselves, over windows that can be counted by hand.</summary>
public class PoolingLayerTests
{
    /// <summary>q' = (q + (N - 1) c) / N, p = p' / N^2.</summary>
    [Fact]
    public void An_average_keeps_what_its_inputs_share()
    {
        Step step = Forward(new AvgPoolLayer([2]), Channels(3, 8));
        IsClose(Math.Log(3 * 0.75), step.Output.LnQ);
        IsClose(0.5 / Math.Sqrt(0.75), step.Output.MeanRatio);
        IsClose(new Pairs(0.375 / 0.75, 0.5 / 0.75, 0.35 / 0.75), step.Output.Correlation);
        Assert.Equal([3, 4], step.Output.Shape.Sizes);

        Gradient back = step.Backward();
        IsClose(Math.Log(2.0 / 4), back.LnP);
        IsClose(0.3, back.MeanRatio);
        IsClose(new Pairs(0.2, (1.0 / 7) + (6.0 / 7 * 0.6), (0.2 / 7) + (6.0 / 7 * 0.15)), back.Correlation); // of seven other inputs one is in the same window
        IsClose(0.4 * (0.5 / 0.75) / Math.Sqrt(0.75), back.Alignment);
        IsClose(new Pairs(0.5 * 0.75, 6.0 / 7 * 0.25 * 0.75, ((0.5 / 7) + (6.0 / 7 * 0.125)) * 0.75), back.CorrelationSlope);
        Assert.Equal([3, 8], back.Shape.Sizes);
    }

    [Theory, InlineData(false, 2.75 / 3), InlineData(true, 1.0)]
    public void Windows_that_overlap_share_inputs_and_the_padding_counts_unless_it_is_left_out(bool leavesOut, double share)
    {
        Step step = Forward(new AvgPoolLayer([3]) { Stride = [1], Padding = [1], LeavesOutPadding = leavesOut }, Channels(3, 8));
        const double Kept = (1 + (1.75 * 0.5)) / 2.75;
        const double Shared = 5.0 / 7 / 2.75;
        IsClose(Math.Log(3 * Kept * share * share), step.Output.LnQ);
        IsClose(new Pairs((0.4 + (1.75 * 0.35)) / 2.75 / Kept, (Shared + ((1 - Shared) * 0.5)) / Kept, ((Shared * 0.4) + ((1 - Shared) * 0.35)) / Kept), step.Output.Correlation);

        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0 })[0];
        const double Summed = 1 + (1.75 * 0.6);
        IsClose(Math.Log(2 * Summed / 2.75 * share * share), back.LnP);
        IsClose(0.3 * Math.Sqrt(2.75 / Summed), back.MeanRatio);
        IsClose(new Pairs((0.2 + (1.75 * 0.15)) / Summed, (0.25 + (2.5 * 0.6)) / Summed, ((0.25 * 0.2) + (2.5 * 0.15)) / Summed), back.Correlation);
    }

    [Theory, InlineData(null, "3 1", 8.0), InlineData(2, "3 2", 4.0), InlineData(16, "3 16", 1.0)]
    public void An_adaptive_pool_takes_the_window_that_its_output_needs(int? size, string shape, double n)
    {
        Step step = Forward(new AdaptiveAvgPoolLayer(size is { } known ? [known] : null), Channels(3, 8));
        Assert.Equal(shape, string.Join(" ", step.Output.Shape.Sizes!));
        IsClose(Math.Log(3 * (1 + ((n - 1) * 0.5)) / n), step.Output.LnQ);
        Assert.Equal([3, 1, 1], Forward(new AdaptiveAvgPoolLayer(), Channels(3, 8, 8)).Output.Shape.Sizes);
        Assert.Equal([3, 2, 2], Forward(new AdaptiveMaxPoolLayer([2]), Channels(3, 8, 8)).Output.Shape.Sizes);
    }

    [Fact]
    public void Over_an_unknown_extent_a_window_reads_its_kernel()
    {
        Step step = Forward(new AvgPoolLayer([2, 2]), Channels(3, null, 8));
        IsClose(Math.Log(3 * (1 + (3 * 0.5)) / 4), step.Output.LnQ);
        Assert.Equal([3, null, 4], step.Output.Shape.Sizes);
    }

    /// <summary>The larger of two independent Gaussians has a second moment of 1 and a mean of 1 / sqrt pi; the largest of three 1 + sqrt 3 / 2 pi and 3 / (2 sqrt pi).</summary>
    [Theory, InlineData(2, 1.0, 0.5641895835477563), InlineData(3, 1.2756644477108960, 0.8462843753216345)]
    public void The_largest_of_independent_values_is_known(int n, double square, double mean)
    {
        Signal x = Channels(3, 6).Centred() with { Correlation = new Pairs(0.4, 0, 0.1) };
        Step step = Forward(new MaxPoolLayer([n]), x);
        Assert.Equal(Math.Log(3 * square), step.Output.LnQ, 1e-6);
        double ratio = mean / Math.Sqrt(square);
        Assert.Equal(ratio, step.Output.MeanRatio, 1e-6);
        Assert.Equal((ratio * ratio) + ((1 - (ratio * ratio)) * 0.4), step.Output.Correlation.Sample, 1e-6);
        Assert.Equal(ratio * ratio, step.Output.Correlation.Position, 1e-6);

        Gradient back = step.Backward();
        double coherent = Math.Sqrt(1.0 / n);
        Assert.Equal(Math.Log(2.0 / n), back.LnP, 1e-9);
        Assert.Equal(0.3 * coherent, back.MeanRatio, 1e-9);
        Assert.Equal(0.4 * Math.Min(1, Math.Sqrt(square) * coherent), back.Alignment, 1e-6);
        Assert.Equal(((1.0 / n) + ((1 - (1.0 / n)) * 0.16)) * 0.2, back.Correlation.Sample, 1e-9);
        Assert.Equal(0.6 / n, back.Correlation.Position, 1e-9);
        Assert.Equal(((1.0 / n) + ((1 - (1.0 / n)) * 0.01)) * 0.15, back.Correlation.Both, 1e-9);
        Assert.Equal(0.5 / n, back.CorrelationSlope.Sample, 1e-9);
    }

    /// <summary>Of two values of correlation rho: E max = sqrt((1 - rho) / pi).</summary>
    [Fact]
    public void The_largest_of_values_that_are_alike_is_hardly_larger()
    {
        Step step = Forward(new AdaptiveMaxPoolLayer(), Channels(3, 2).Centred());
        Assert.Equal(Math.Log(3), step.Output.LnQ, 1e-6);
        Assert.Equal(Math.Sqrt(0.5 / Math.PI), step.Output.MeanRatio, 1e-6);
    }

    /// <summary>E relu(M)^2 is the integral of 2 t P(M &gt; t) over positive t, and P(M &lt;= t) = E Phi((t - sqrt rho z) / sqrt(1 - rho))^N.</summary>
    [Theory]
    [InlineData(4, 0.02), InlineData(4, 0.3), InlineData(4, 0.36), InlineData(9, 0.3), InlineData(9, 0.6), InlineData(49, 0.15), InlineData(49, 0.9), InlineData(4, 0.99)]
    public void The_largest_of_rectified_values_is_what_its_distribution_says(int n, double rho)
    {
        double square = 0;
        const double Width = 0.01;
        for (double t = Width / 2; t < 9; t += Width)
        {
            double below = 0;
            for (double z = -8; z <= 8; z += Width)
            {
                below += Width * SpecialFunctions.NormalDensity(z) * Math.Pow(SpecialFunctions.NormalCumulative((t - (Math.Sqrt(rho) * z)) / Math.Sqrt(1 - rho)), n);
            }

            square += Width * 2 * t * (1 - below);
        }

        Step step = BehindReLU(new MaxPoolLayer([n]), Channels(3, n).Centred() with { Correlation = new Pairs(0.4, rho, 0.1) });
        Assert.Equal(Math.Log(3 * square), step.Output.LnQ, 2e-4);
    }

    [Fact]
    public void An_input_that_is_the_maximum_of_several_windows_sums_their_gradients()
    {
        Signal x = Channels(3, 8).Centred() with { Correlation = default };
        Step step = Forward(new MaxPoolLayer([3]) { Stride = [1] }, x);
        double again = 2 * ((5.0 / 6 * 2 / 4) + (4.0 / 6 / 5));
        double shared = again / 5;
        double mean2 = step.Output.MeanRatio * step.Output.MeanRatio;
        IsClose(mean2 + ((1 - mean2) * shared), step.Output.Correlation.Position);
        Gradient back = step.Backward();
        double summed = 1 + (again * 0.6);
        IsClose(Math.Log(2 * 6.0 / 8 * summed), back.LnP);
        IsClose(0.75 * 0.6 / summed, back.Correlation.Position);
        IsClose((0.2 + (1.25 * 0.15)) / 3 / summed, back.Correlation.Sample);
    }

    [Fact]
    public void The_nearest_copies_the_signal_and_sums_what_comes_back()
    {
        Step step = Forward(new UpsampleLayer(Scale: [2]), Channels(3, 4));
        IsClose(Math.Log(3), step.Output.LnQ);
        IsClose(0.5, step.Output.MeanRatio);
        IsClose(new Pairs(0.4, (1 + (6 * 0.5)) / 7, (0.4 + (6 * 0.35)) / 7), step.Output.Correlation); // of seven others one is a copy
        Assert.Equal([3, 8], step.Output.Shape.Sizes);

        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0 })[0];
        IsClose(Math.Log(2 * 2 * 1.6), back.LnP);
        IsClose(0.3 * 2 / Math.Sqrt(3.2), back.MeanRatio);
        IsClose(new Pairs(2 * (0.2 + 0.15) / 3.2, 4 * 0.6 / 3.2, 4 * 0.15 / 3.2), back.Correlation);
        Assert.Equal([3, 4], back.Shape.Sizes);
    }

    [Fact]
    public void What_follows_the_signal_is_the_same_at_all_copies()
    {
        Step step = Forward(new UpsampleLayer(Scale: [2]), Channels(3, 4));
        double same = (2 * (0.84 + 0.6 - (0.16 * 4 / 7))) + (0.16 * 4);
        IsClose(Math.Log(2 * same), step.Backward().LnP);
        IsClose(0.4 * 2 / Math.Sqrt(same), step.Backward().Alignment);
    }

    /// <summary>The weights of two inputs: with corners that coincide (1, 0), (1/2, 1/2), (0, 1); without, (1, 0), (3/4, 1/4), (1/4, 3/4), (0, 1).</summary>
    [Theory, InlineData(1.5, true, 3, 2.5 / 3), InlineData(2.0, false, 4, 3.25 / 4), InlineData(2.0, true, 4, (1 + 1 + (10.0 / 9)) / 4)]
    public void Interpolation_averages_two_inputs(double scale, bool alignCorners, int outputs, double own)
    {
        Step step = Forward(new UpsampleLayer(Scale: [scale]) { Mode = Upsampling.Linear, AlignCorners = alignCorners }, Channels(3, 2));
        Assert.Equal([3, outputs], step.Output.Shape.Sizes);
        double kept = own + ((1 - own) * 0.5);
        IsClose(Math.Log(3 * kept), step.Output.LnQ);
        IsClose(0.5 / Math.Sqrt(kept), step.Output.MeanRatio);
        IsClose(((own * 0.4) + ((1 - own) * 0.35)) / kept, step.Output.Correlation.Sample);
        // Each input has half of all weights, so that over all pairs of outputs half is one input with itself.
        IsClose(((outputs * 0.75) - kept) / (outputs - 1) / kept, step.Output.Correlation.Position);
    }

    [Fact]
    public void A_size_may_be_given_instead_of_a_scale()
    {
        Assert.Equal([3, 9, 9], Forward(new UpsampleLayer(Size: [9]), Channels(3, 4, 8)).Output.Shape.Sizes);
        Assert.Equal([3, 8, 24], Forward(new UpsampleLayer(Scale: [2, 3]), Channels(3, 4, 8)).Output.Shape.Sizes);
        Assert.Equal([3, null], Forward(new UpsampleLayer(Scale: [2]), Channels(3, null)).Output.Shape.Sizes);
    }
}
