using static GradLint.SignalPropagation.Tests.OneLayer;

namespace GradLint.SignalPropagation.Tests;

/// <summary>Layers with a matrix of weights, by themselves: every moment that they pass on.</summary>
public class WeightLayerTests
{
    /// <summary>q' = n Var W q + Var b = 4 * 0.5 * 3 + 1, and so for covariances.</summary>
    [Fact]
    public void Centred_weights_and_biases_add_their_variances()
    {
        Step step = Forward(Linear(4, 6, Deviation(0.5), new Normal(0, 1)), Signal(4).Centred());
        const double OfWeights = 6.0 / 7;
        IsClose(Math.Log(7), step.Output.LnQ);
        IsClose(new Pairs((6 * 0.4 + 1) / 7, (6 * 0.5 + 1) / 7, (6 * 0.35 + 1) / 7), step.Output.Correlation);
        Assert.Equal((0, 0, 0), (step.Output.MeanRatio, step.Output.UnitCorrelation, step.Output.Isometry));
        IsClose(0.1 * OfWeights * OfWeights, step.Output.Fluctuation);
        IsClose(0.04 * OfWeights * OfWeights, step.Output.BatchFluctuation);
        IsClose(0.02 * OfWeights * OfWeights, step.Output.CorrelationVariance);
        IsClose(0.05 * OfWeights, step.Output.Doubt);
        Assert.Equal([6], step.Output.Shape.Sizes);
    }

    /// <summary>Weights of mean w: (w sum x)^2 is w^2 (n + n (n - 1) u) q over units of correlation u, the same for every output.</summary>
    [Fact]
    public void Weights_with_a_mean_give_all_units_the_same_sum()
    {
        Step step = Forward(Linear(4, 6, new Normal(0.1, 0.1)), Signal(4));
        const double Gain = 4 * 0.01;
        const double Common = 0.01 * (4 + (12 * 0.25));
        const double Of = Common / (Gain + Common);
        IsClose(Math.Log(3 * (Gain + Common)), step.Output.LnQ);
        IsClose(Of, step.Output.UnitCorrelation);
        IsClose(Math.Sqrt(Of), step.Output.MeanRatio);
        IsClose(((1 - Of) * 0.4) + (Of * ((4 * 0.4) + (12 * 0.25)) / 7), step.Output.Correlation.Sample);
        IsClose(-Math.Sqrt(Of), Forward(Linear(4, 6, new Normal(-0.1, 0.1)), Signal(4)).Output.MeanRatio);
    }

    [Fact]
    public void Where_units_have_no_common_sign_their_mean_passes_by_itself()
    {
        Step step = Forward(Linear(4, 6, new Normal(0.1, 0.1)), Signal(4) with { MeanRatio = 0.2 }); // 0.04 of 0.25
        IsClose(4 * 0.1 * 0.2 / Math.Sqrt(0.11), step.Output.MeanRatio);
    }

    [Fact]
    public void A_constant_bias_is_the_same_for_all()
    {
        Step step = Forward(Linear(4, 6, Deviation(0.5), new Constant(2)), Signal(4).Centred());
        IsClose(Math.Log(10), step.Output.LnQ);
        IsClose(2 / Math.Sqrt(10), step.Output.MeanRatio);
        IsClose(0.4, step.Output.UnitCorrelation);
        IsClose((0.6 * 0.4) + 0.4, step.Output.Correlation.Sample);
    }

    [Theory, InlineData(4, 6, 1), InlineData(4, 2, 0.5)]
    public void Orthogonal_weights_keep_the_norm_as_far_as_they_have_rows(int inputs, int outputs, double isometry) =>
        IsClose(isometry, Forward(Linear(inputs, outputs, new Orthogonal()), Signal(inputs).Centred()).Output.Isometry);

    [Fact]
    public void Zeros_let_nothing_pass_either_way()
    {
        Step step = Forward(Linear(4, 6, new Zeros()), Signal(4));
        Assert.Equal((double.NegativeInfinity, 0.05), (step.Output.LnQ, step.Output.Doubt));
        Assert.Equal(double.NegativeInfinity, step.Backward().LnP);
    }

    [Fact]
    public void Weights_that_are_unknown_or_not_finite_stop_the_prediction()
    {
        Assert.Equal("from a file", Stop(new UnknownInitializer("from a file")));
        Assert.Equal("its weights are not finite", Stop(new Constant(1e101)));
        Assert.Equal("its weights are not finite", Stop(new Normal(0, 1e51)));
        Assert.Equal("its weights are not finite", Stop(new Normal(0, double.NaN)));
        Assert.Equal("its weights are not finite", Stop(new Measured(0, -1)));

        static string Stop(Initializer weight) => Assert.Throws<PredictionStopException>(() => Forward(Linear(4, 6, weight), Signal(4))).Message;
    }

    /// <summary>p = n_out Var W p', and what follows the signal on top of it: kappa^2 n_out Var W q_x / q_z.</summary>
    [Fact]
    public void The_gradient_comes_back_with_its_aligned_part_on_top()
    {
        Step step = Forward(Linear(4, 6, Deviation(0.5), new Normal(0, 1)), batch: 1, Signal(4).Centred());
        Gradient back = step.Backward();
        const double Gain = 3;
        const double Aligned = 0.16 * Gain * 3 / 7;
        const double Share = Aligned / (1 + Aligned);
        const double Noise = 2.0 / 4;
        IsClose(Math.Log(2 * Gain * (1 + Aligned)) - (0.5 * Noise), back.LnP);
        IsClose(Math.Sqrt(Share), back.Alignment);
        IsClose(0, back.MeanRatio);
        IsClose(((1 - Share) * 0.2) + (Share * 0.4), back.Correlation.Sample);
        IsClose((0.5 * (1 - Share) * 6 / 7) + Share, back.CorrelationSlope.Sample);
        IsClose(0.2 + Noise, back.OfNorm.Variance);
        IsClose(0.1 + Noise, back.OfGrowth.Variance);
        IsClose(0.5 * 6 / 7, back.OfNorm.Sensitivity);
        Assert.Equal([4], back.Shape.Sizes);
    }

    [Fact]
    public void Over_a_batch_only_what_samples_share_fluctuates()
    {
        Step step = Forward(Linear(4, 6, Deviation(0.5)), batch: 8, Signal(4).Centred());
        double noise = 2 * (1 + (7 * 0.04)) / 8 / 4;
        IsClose(0.2 + noise, step.Backward().OfNorm.Variance);
    }

    [Theory, InlineData(4, 2, 0), InlineData(4, 8, 0.5)]
    public void An_orthogonal_matrix_adds_only_the_noise_of_its_projection(int inputs, int outputs, double looseness) =>
        IsClose(0.2 + (looseness * 2 / 4), Forward(Linear(inputs, outputs, new Orthogonal()), batch: 1, Signal(inputs).Centred()).Backward().OfNorm.Variance);

    /// <summary>Of an isometry the aligned part is a part of the whole.</summary>
    [Fact]
    public void An_orthogonal_matrix_passes_the_norm_of_the_gradient()
    {
        Gradient back = Forward(Linear(4, 4, new Orthogonal()), batch: 1, Signal(4).Centred()).Backward();
        IsClose(Math.Log(2), back.LnP);
        IsClose(0.4, back.Alignment);
    }

    [Fact]
    public void Weights_with_a_mean_return_the_common_gradient_to_all_units()
    {
        Step step = Forward(Linear(4, 6, new Normal(0.1, 0.1)), batch: 1, Signal(4).Centred());
        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0 })[0];
        const double Gain = 6 * 0.01;
        const double Common = 0.01 * (6 + (30 * 0.1));
        IsClose(Math.Log(2 * (Gain + Common)) - 0.25, back.LnP);
        IsClose(Common / (Gain + Common), back.UnitCorrelation);
        IsClose(6 * 0.1 * 0.3 / Math.Sqrt(Gain + Common), back.MeanRatio);
    }

    /// <summary>E |dL/dW|^2 = n_in n_out q p for one sample; a spread of second moments makes the batch's mean larger than the typical one.</summary>
    [Fact]
    public void The_gradient_of_the_weights_is_the_product_of_both_signals()
    {
        Step step = Forward(Linear(4, 6, Deviation(0.5)), batch: 1, Signal(4).Centred());
        WeightLayer layer = (WeightLayer)step.Node.Layer;
        IsClose(Math.Log(4 * 6 * 3 * 2) + 0.03 + (0.5 * 0.06), layer.LnWeightGradient(step, Gradient(step)));
        Assert.Equal(24, layer.WeightCount(step));
    }

    /// <summary>Over a batch every pair of samples adds r c, and what r and c do together.</summary>
    [Fact]
    public void Samples_that_are_alike_add_up_in_the_gradient_of_the_weights()
    {
        Step step = Forward(Linear(4, 6, Deviation(0.5)), batch: 8, Signal(4).Centred());
        double pairs = (1 + (7 * 0.4 * 0.2)) + (7 * 0.5 * 0.02);
        double together = Math.Log(1 + ((Math.Exp(0.03) - 1) / pairs));
        IsClose(Math.Log(4 * 6 * 3 * 2 * 8 * pairs) + 0.03 + together, ((WeightLayer)step.Node.Layer).LnWeightGradient(step, Gradient(step)));
    }

    [Fact]
    public void A_convolution_reads_fewer_taps_at_the_border()
    {
        ConvolutionLayer layer = new(2, 3, [3]) { Weight = Deviation(0.5), Padding = [1] };
        Step step = Forward(layer, batch: 1, Channels(2, 8).Centred());
        double overlap = ((2 * Math.Pow(7.0 / 8, 2)) + 1) / 2.75;
        IsClose(Math.Log(2 * 2.75 * 0.5 * 3), step.Output.LnQ);
        IsClose(new Pairs(0.4, 0.5 * overlap, 0.35 * overlap), step.Output.Correlation);
        IsClose(0.02 * (1 + (2 * 0.25)) / 3, step.Output.CorrelationVariance);
        IsClose(2 / 2.75, step.Output.Profile!.Axis(0)[0]);
        Assert.Equal([3, 8], step.Output.Shape.Sizes);

        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0, Correlation = new Pairs(0, 0.6, 0) })[0];
        double noise = 2 * (1 + (7 * 0.36)) / 8 / 2;
        IsClose(Math.Log(2 * 3 * 2.75 * 0.5) - (0.5 * noise), back.LnP);
        IsClose(0.6 * overlap, back.Correlation.Position);
        IsClose(0.5 * 0.5, back.CorrelationSlope.Sample);
        Assert.Equal((18, 2 * 3, 3 * 3, 6), (layer.WeightCount(step), layer.Fans(step).In, layer.Fans(step).Out, layer.Fans(step).LargerSide));
    }

    [Fact]
    public void Groups_of_channels_have_weights_of_their_own()
    {
        ConvolutionLayer layer = new(4, 8, [3]) { Weight = Deviation(0.5), Groups = 2 };
        Step step = Forward(layer, batch: 1, Channels(4, 8).Centred());
        IsClose(Math.Log(2 * 3 * 0.5 * 3), step.Output.LnQ);
        Assert.Equal((48, 6, 24, 8), (layer.WeightCount(step), layer.Fans(step).In, layer.Fans(step).Out, layer.Fans(step).LargerSide));
        Gradient back = step.Node.Layer.Backward(step, Gradient(step) with { Alignment = 0, Correlation = default })[0];
        IsClose(Math.Log(2 * 4 * (18.0 / 8) * 0.5) - (0.5 * 2 / 8 / 4), back.LnP); // 6 windows of 3 taps on 8 inputs
    }

    [Fact]
    public void A_transposed_convolution_has_its_fans_the_other_way_round()
    {
        TransposedConvolutionLayer layer = new(4, 6, [2]) { Weight = Deviation(0.5), Stride = [2], Groups = 2, OutputPadding = [1] };
        Step step = Forward(layer, batch: 1, Channels(4, 5).Centred());
        Assert.Equal((6, 8, 6), (layer.Fans(step).In, layer.Fans(step).Out, layer.Fans(step).LargerSide));
        Assert.Equal([6, 11], step.Output.Shape.Sizes);
        IsClose(Math.Log(2 * (10.0 / 11) * 0.5 * 3), step.Output.LnQ);
    }

    [Fact]
    public void Kernels_that_overlap_are_no_isometry()
    {
        Assert.Equal(0, Forward(new ConvolutionLayer(4, 4, [3]) { Weight = new Orthogonal() }, Channels(4, 8).Centred()).Output.Isometry);
        Assert.Equal(1, Forward(new ConvolutionLayer(4, 4, [1]) { Weight = new Orthogonal() }, Channels(4, 8).Centred()).Output.Isometry);
    }

    [Fact]
    public void The_gradient_of_a_kernel_sums_over_the_places()
    {
        ConvolutionLayer layer = new(2, 3, [3]) { Weight = Deviation(0.5) };
        Step step = Forward(layer, batch: 1, Channels(2, 8).Centred() with { Fluctuation = 0, BatchFluctuation = 0 });
        Gradient gradient = Gradient(step) with { Correlation = default, CorrelationSlope = default };
        IsClose(Math.Log(18 * 3 * 2 * 6), layer.LnWeightGradient(step, gradient));
    }

    private static LinearLayer Linear(int inputs, int outputs, Initializer weight, Initializer? bias = null) => new(inputs, outputs) { Weight = weight, Bias = bias };

    private static Measured Deviation(double variance) => new(0, variance);
}
