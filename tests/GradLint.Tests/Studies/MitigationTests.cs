using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>Each mitigation changes what it says.</summary>
[Collection(nameof(OwnRandomNumbers))]
public sealed class MitigationTests : IDisposable
{
    private const int Depth = 10;
    private const int Size = 64;

    private readonly DisposeScope _scope = NewDisposeScope();

    public MitigationTests() => _ = manual_seed(5);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void None_changes_nothing()
    {
        TrialSetup setup = Deep();

        Assert.Same(setup, Apply("none", setup));
    }

    [Theory]
    [InlineData("clip global norm 1", typeof(GlobalNormClipping))]
    [InlineData("clip per layer", typeof(PerLayerNormClipping))]
    [InlineData("clip by value", typeof(ValueClipping))]
    [InlineData("adaptive clipping", typeof(AdaptiveGradientClipping))]
    [InlineData("clip at percentile", typeof(PercentileClipping))]
    [InlineData("clip at z-score", typeof(ZScoreClipping))]
    [InlineData("clip at baseline", typeof(BaselineClipping))]
    public void A_kind_of_clipping_makes_a_gradient_smaller_that_is_far_above_the_others(string name, Type kind)
    {
        GradientClipping clipping = Apply(name, Deep()).Clipping!;
        using Weights model = new(ones(8, 8), ones(8, 8));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = clipping, NormSpikes = null, LossSpikes = null, Recovery = null });
        for (int step = 0; step < 200; step++)
        {
            _ = model.WithGradients(0.01 * randn(8, 8), 0.01 * randn(8, 8));
            _ = guard.Inspect();
        }

        _ = model.WithGradients(1000 * randn(8, 8), 0.01 * randn(8, 8));

        Assert.IsType(kind, clipping);
        Assert.Equal(StepOutcome.Clipped, guard.Inspect().Outcome);
        Assert.True(model.GradientNorm() < 1000);
    }

    [Fact]
    public void He_initialization_keeps_the_second_moment_that_the_default_loses()
    {
        double before = SecondMomentRatio(Deep().Model);
        double after = SecondMomentRatio(Apply("He initialization", Deep()).Model);

        Assert.True(before < 0.05, $"{before}");
        Assert.InRange(after, 0.2, 5);
    }

    [Fact]
    public void Xavier_initialization_gives_weights_the_variance_of_its_definition()
    {
        using Linear layer = nn.Linear(300, 100);

        ModelChanges.InitializeXavier(layer);

        Assert.Equal(2.0 / 400, layer.weight!.Doubles().Average(x => x * x), 2e-4);
        Assert.All(layer.bias!.Doubles(), bias => Assert.Equal(0, bias));
    }

    [Theory]
    [InlineData("batch norm", typeof(BatchNorm1d))]
    [InlineData("layer norm", typeof(LayerNorm))]
    public void A_norm_stands_behind_each_hidden_layer_and_keeps_the_signal(string name, Type norm)
    {
        nn.Module<Tensor, Tensor> model = Apply(name, Deep()).Model;

        Assert.Equal(Depth, model.children().Count(layer => layer.GetType() == norm));
        Assert.IsNotType(norm, model.children().Last());
        Assert.True(SecondMomentRatio(model) > 0.1);
    }

    [Fact]
    public void Layer_norm_of_a_convolution_is_one_group_with_weights_of_one()
    {
        var setup = Deep() with { Model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2)) };

        GroupNorm norm = Assert.Single(Apply("layer norm", setup).Model.children().OfType<GroupNorm>());

        Assert.Equal([1, 1, 1, 1], norm.weight!.Doubles());
        Assert.Equal([0, 0, 0, 0], norm.bias!.Doubles());
    }

    [Theory]
    [InlineData("Adam", typeof(Adam))]
    [InlineData("RMSprop", typeof(RMSProp))]
    [InlineData("AdaGrad", typeof(Adagrad))]
    public void An_adaptive_optimizer_takes_the_place_of_the_other(string name, Type kind)
    {
        using Linear model = nn.Linear(2, 2);
        using optim.Optimizer optimizer = Apply(name, Deep()).Optimizer(model.parameters());

        Assert.IsType(kind, optimizer);
    }

    [Theory]
    [InlineData("none", 1000)]
    [InlineData("Adam", 1)]
    [InlineData("RMSprop", 1)]
    [InlineData("AdaGrad", 1)]
    public void An_adaptive_optimizer_steps_as_far_however_large_the_gradients_are(string name, double times)
    {
        double Step(float scale)
        {
            using Weights model = new(zeros(8, 8));
            using optim.Optimizer optimizer = Apply(name, Deep()).Optimizer(model.parameters());
            _ = manual_seed(1);
            _ = model.WithGradients(scale * randn(8, 8));
            optimizer.step()?.Dispose();
            return Math.Sqrt(model.parameters().Single().Doubles().Sum(x => x * x));
        }

        Assert.Equal(times, Step(1000) / Step(1), 1e-3 * times);
    }

    [Fact]
    public void Batches_four_times_as_large_halve_the_noise_of_the_gradient()
    {
        double Noise(int batch)
        {
            _ = manual_seed(2);
            using Linear model = nn.Linear(4, 1);
            double[][] gradients =
            [
                .. Enumerable.Range(0, 400).Select(_ =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    model.zero_grad();
                    Tensor x = randn(batch, 4);
                    nn.functional.mse_loss(model.call(x), randn(batch, 1)).backward();
                    return model.weight!.grad!.Doubles();
                }),
            ];
            double[] mean = [.. Enumerable.Range(0, 4).Select(i => gradients.Average(gradient => gradient[i]))];
            return Math.Sqrt(gradients.Average(gradient => gradient.Zip(mean, (one, usual) => (one - usual) * (one - usual)).Sum()));
        }

        TrialSetup setup = Deep();

        Assert.Equal(2, Noise(setup.BatchSize) / Noise(Apply("batch size x 4", setup).BatchSize), 0.2);
    }

    [Theory]
    [InlineData("leaky ReLU")]
    [InlineData("ELU")]
    public void A_unit_whose_input_is_negative_still_has_a_gradient(string name)
    {
        double Slope(nn.Module<Tensor, Tensor> model)
        {
            using Tensor x = full(1, -1f).requires_grad_();
            model.call(x).sum().backward();
            return x.grad!.Doubles()[0];
        }

        TrialSetup setup = Deep() with { Model = nn.Sequential(nn.ReLU()) };

        Assert.Equal(0, Slope(nn.Sequential(nn.ReLU())));
        Assert.NotEqual(0, Slope(Apply(name, setup).Model));
    }

    [Fact]
    public void Half_the_depth_leaves_every_second_square_layer()
    {
        nn.Module<Tensor, Tensor> model = Apply("half the depth", Deep()).Model;

        // One layer from the input, nine square ones, one to the output.
        Assert.Equal(2 + 5, model.children().OfType<Linear>().Count());
        Assert.Equal([16, 1], model.call(randn(16, Size / 2)).shape);
    }

    [Fact]
    public void Skip_connections_carry_the_gradient_to_the_first_layer()
    {
        double without = FirstOverLast(Deep().Model);
        double with = FirstOverLast(Apply("skip connections", Deep()).Model);

        Assert.True(with > 20 * without, $"{with} with, {without} without");
    }

    [Fact]
    public void Gradient_penalty_weight_decay_and_batch_size_are_handed_to_the_trainer()
    {
        Assert.Equal(0.1, Apply("gradient penalty 0.1", Deep()).GradientPenalty);
        Assert.Equal(0.01, Apply("weight decay 0.01", Deep()).WeightDecay);
        Assert.Equal(200, Apply("batch size x 4", Deep()).BatchSize);
    }

    [Fact]
    public void What_does_not_apply_says_why()
    {
        TrialSetup linear = Deep() with { Model = nn.Sequential(nn.Linear(2, 3)) };

        Assert.Contains("no ReLU", Assert.Throws<NotSupportedException>(() => Apply("ELU", linear)).Message, StringComparison.Ordinal);
        Assert.Contains("as wide", Assert.Throws<NotSupportedException>(() => Apply("skip connections", linear)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "is not a Sequential",
            Assert.Throws<NotSupportedException>(() => Apply("batch norm", linear with { Model = nn.Linear(2, 2) })).Message,
            StringComparison.Ordinal);
    }

    private static TrialSetup Apply(string name, TrialSetup setup) => Mitigation.All().Single(mitigation => mitigation.Name == name).Apply(setup);

    private static TrialSetup Deep()
    {
        var layers = new List<nn.Module<Tensor, Tensor>> { nn.Linear(Size / 2, Size), nn.ReLU() };
        for (int i = 1; i < Depth; i++)
        {
            layers.AddRange([nn.Linear(Size, Size), nn.ReLU()]);
        }

        layers.Add(nn.Linear(Size, 1));
        return new TrialSetup { Model = nn.Sequential(layers), Optimizer = parameters => optim.SGD(parameters, 0.1), BatchSize = 50 };
    }

    /// <summary>E z^2 after the last activation over that after the first.</summary>
    private static double SecondMomentRatio(nn.Module<Tensor, Tensor> model)
    {
        Tensor x = randn(200, Size / 2);
        var moments = new List<double>();
        foreach (nn.Module<Tensor, Tensor> layer in model.children().Cast<nn.Module<Tensor, Tensor>>())
        {
            x = layer.call(x);
            if (layer is ReLU)
            {
                moments.Add(x.Doubles().Average(value => value * value));
            }
        }

        return moments[^1] / moments[0];
    }

    private static double FirstOverLast(nn.Module<Tensor, Tensor> model)
    {
        model.call(randn(64, Size / 2)).square().mean().backward();
        double[] norms = [.. model.parameters().Where(parameter => parameter.dim() == 2).Select(parameter => parameter.grad!.norm().item<float>())];
        return norms[0] / norms[^1];
    }
}
