using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>The kinds that limit layers, elements or units on their own.</summary>
public class LocalClippingTests
{
    [Fact]
    public void PerLayer_limits_weight_and_bias_of_a_layer_together_and_leaves_other_layers_alone()
    {
        using Sequential model = nn.Sequential(("loud", nn.Linear(2, 1)), ("quiet", nn.Linear(1, 1)));
        Parameter[] parameters = [.. model.parameters()];
        parameters[0].grad = tensor(new[,] { { 2f, 4f } });
        parameters[1].grad = full(1, 4f);
        parameters[2].grad = full(new long[] { 1, 1 }, 0.3f);
        parameters[3].grad = full(1, -0.4f);

        StepVerdict verdict = Clip(model, new PerLayerNormClipping(3));

        Assert.Equal((StepOutcome.Clipped, null), (verdict.Outcome, verdict.Threshold));
        Assert.Equal(Math.Sqrt(36.25), verdict.GradientNorm, 1e-6);
        Assert.Equal([1, 2], parameters[0].grad!.flatten().Doubles(), Close);
        Assert.Equal([2], parameters[1].grad!.Doubles(), Close);
        Assert.Equal([0.3, -0.4], cat([parameters[2].grad!.flatten(), parameters[3].grad!]).Doubles(), Close);
    }

    [Fact]
    public void PerLayer_takes_a_parameter_of_the_model_itself_for_a_layer()
    {
        using Weights model = Weights.OfZeros(2, size: 1).WithGradients(full(1, 3f), full(1, 0.5f));

        Assert.Equal(StepOutcome.Clipped, Clip(model, new PerLayerNormClipping()).Outcome);
        Assert.Equal((1, 0.5), (model.Gradient(0)[0], model.Gradient(1)[0]));
    }

    [Theory]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.Float64, true)]
    [InlineData(ScalarType.BFloat16, true)]
    [InlineData(ScalarType.Float32, false)]
    public void Value_limits_each_element(ScalarType type, bool throughMemory)
    {
        float[] values = [.. Enumerable.Range(0, 19).Select(i => (i - 9) * 0.5f)];
        using Weights model = Weights.OfZeros(2, size: 19, type: type).WithGradients(tensor(values).to(type), full(19, 0.25, type));

        StepVerdict verdict = Clip(model, new ValueClipping(2), throughMemory);

        Assert.Equal(StepOutcome.Clipped, verdict.Outcome);
        Assert.Equal(values.Select(x => Math.Clamp((double)x, -2, 2)), model.Gradient(0));
        Assert.All(model.Gradient(1), value => Assert.Equal(0.25, value));
    }

    [Fact]
    public void Value_lets_small_elements_pass()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(tensor(new[] { 10f, -10f, 0f, 3f }));

        Assert.Equal(StepOutcome.Applied, Clip(model, new ValueClipping()).Outcome);
        Assert.Equal([10, -10, 0, 3], model.Gradient(0));
    }

    [Fact]
    public void Value_limits_sparse_gradients_where_TorchSharp_throws()
    {
        using Embedding model = nn.Embedding(10, 2, sparse: true);
        model.call(tensor(new long[] { 3, 3, 3, 5 })).sum().backward();

        Assert.Equal(StepOutcome.Clipped, Clip(model, new ValueClipping(2)).Outcome);

        using Tensor clipped = model.weight!.grad!.to_dense();
        Assert.Equal([2, 2, 1], new[] { clipped[3, 0], clipped[3, 1], clipped[5, 0] }.Select(x => (double)x.item<float>()));
    }

    [Fact]
    public void Value_does_not_hide_what_is_not_finite()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(tensor(new[] { 100f, float.PositiveInfinity, float.NaN, 0f }));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = new ValueClipping(2), SkipNonFinite = false });

        Assert.Equal(StepReason.NonFiniteGradient, guard.Inspect().Reason);
        Assert.Equal([100, double.PositiveInfinity, double.NaN, 0], model.Gradient(0));
    }

    [Theory]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.Float64, true)]
    [InlineData(ScalarType.Float32, false)]
    public void Adaptive_limits_each_unit_to_a_share_of_its_weights(ScalarType type, bool throughMemory)
    {
        // Rows with weight norms 5, 0 and 5, and gradient norms 10, 10 and 0.01.
        using var model = new Weights(tensor(new double[,] { { 3, 4 }, { 0, 0 }, { 3, 4 } }).to(type));
        _ = model.WithGradients(tensor(new double[,] { { 6, -8 }, { 8, 6 }, { 0.006, 0.008 } }).to(type));

        StepVerdict verdict = Clip(model, Adaptive(), throughMemory);

        Assert.Equal((StepOutcome.Clipped, null), (verdict.Outcome, verdict.Threshold));
        Assert.Equal([0.03, -0.04, 0.8e-5, 0.6e-5, 0.006, 0.008], FlatGradient(model), (x, y) => Math.Abs(x - y) < 1e-8);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Adaptive_takes_a_bias_for_one_unit(bool throughMemory)
    {
        using var model = new Weights(tensor(new[] { 3f, 4f }));
        _ = model.WithGradients(tensor(new[] { 6f, 8f }));

        Assert.Equal(StepOutcome.Clipped, Clip(model, Adaptive(), throughMemory).Outcome);
        Assert.Equal([0.03, 0.04], model.Gradient(0), Close);
    }

    [Fact]
    public void Adaptive_trains_parameters_that_start_at_zero()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(ones(4));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = Adaptive() });

        _ = guard.Step(tensor(1f));

        Assert.All(model.Values(0), value => Assert.True(value < 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Adaptive_leaves_the_last_layer_alone_unless_told_otherwise(bool exceptLastLayer)
    {
        using Sequential model = nn.Sequential(("hidden", nn.Linear(2, 2)), ("last", nn.Linear(2, 2)));
        foreach (Parameter parameter in model.parameters())
        {
            parameter.grad = ones_like(parameter);
        }

        _ = Clip(model, new AdaptiveGradientClipping { ExceptLastLayer = exceptLastLayer });

        bool[] clipped = [.. model.parameters().Select(parameter => parameter.grad!.max().item<float>() < 1)];
        Assert.Equal([true, true, !exceptLastLayer, !exceptLastLayer], clipped);
    }

    [Fact]
    public void Adaptive_limits_a_sparse_gradient_as_one_unit()
    {
        using Embedding model = nn.Embedding(10, 2, sparse: true);
        model.call(tensor(new long[] { 3, 5 })).sum().backward();

        Assert.Equal(StepOutcome.Clipped, Clip(model, Adaptive()).Outcome);

        double expected = 0.01 * model.weight!.norm().item<float>();
        Assert.Equal(expected, model.weight.grad!.to_dense().norm().item<float>(), 1e-6);
    }

    public static TheoryData<GradientClipping, ScalarType> SixteenBitCases() => new()
    {
        { new PerLayerNormClipping(), ScalarType.Float16 }, { new PerLayerNormClipping(), ScalarType.BFloat16 },
        { new AdaptiveGradientClipping { ExceptLastLayer = false }, ScalarType.Float16 },
        { new AdaptiveGradientClipping { ExceptLastLayer = false }, ScalarType.BFloat16 },
    };

    [Theory]
    [MemberData(nameof(SixteenBitCases))]
    public void Sixteen_bit_gradients_are_clipped(GradientClipping clipping, ScalarType type)
    {
        using var model = new Weights(full(100, 10, type));
        _ = model.WithGradients(full(100, 10, type));

        Assert.Equal(StepOutcome.Clipped, Clip(model, clipping).Outcome);
        Assert.Equal(1, model.GradientNorm(), 1e-2);
    }

    private static AdaptiveGradientClipping Adaptive() => new() { ExceptLastLayer = false };

    private static StepVerdict Clip(nn.Module model, GradientClipping clipping, bool throughMemory = true)
    {
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = clipping }, throughMemory);
        return guard.Inspect();
    }

    private static double[] FlatGradient(Weights model) => model[0].grad!.flatten().Doubles();

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;
}
