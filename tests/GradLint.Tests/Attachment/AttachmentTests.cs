using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

public class AttachmentTests
{
    [Fact]
    public void A_model_without_trainable_parameters_is_refused()
    {
        using Weights empty = Weights.OfZeros(0);
        using Weights frozen = Weights.OfZeros(1);
        frozen[0].requires_grad = false;

        foreach (Weights model in (Weights[])[empty, frozen])
        {
            using optim.Optimizer optimizer = model.Sgd();
            string message = Assert.Throws<ArgumentException>("model", () => GradientGuard.For(model, optimizer)).Message;
            Assert.StartsWith("weights has no trainable parameters. Register its layers", message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void An_optimizer_of_another_model_is_refused_with_the_shapes_that_it_steps()
    {
        using Weights model = Weights.OfZeros(1);
        using Linear other = nn.Linear(3, 2);
        using optim.Optimizer optimizer = optim.Adam([model[0], .. other.parameters()]);

        string message = Assert.Throws<ArgumentException>("optimizer", () => GradientGuard.For(model, optimizer)).Message;

        Assert.StartsWith(
            "2 of the 3 parameters that the optimizer steps are not the model's (shapes: [2, 3], [2]). Create the optimizer after", message);
    }

    [Fact]
    public void An_optimizer_that_was_created_before_the_model_changed_its_type_is_refused()
    {
        using Linear model = nn.Linear(3, 2);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);
        _ = model.to(ScalarType.Float64);

        Assert.Throws<ArgumentException>("optimizer", () => GradientGuard.For(model, optimizer));
    }

    [Fact]
    public void An_optimizer_that_was_created_before_a_layer_was_added_is_refused_with_both_causes()
    {
        using Sequential model = nn.Sequential(nn.Linear(3, 2));
        using optim.Optimizer optimizer = optim.Adam(model.parameters());
        _ = model.append("late", nn.Linear(2, 2));

        string message = Assert.Throws<ArgumentException>("optimizer", () => GradientGuard.For(model, optimizer)).Message;

        Assert.StartsWith(
            "The model's parameters changed after the optimizer was created: layers were added, or model.to(device)", message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_layer_that_is_added_under_a_guard_is_told_as_that(int stepsBefore)
    {
        using Sequential model = nn.Sequential(nn.Linear(3, 2));
        using optim.Optimizer optimizer = optim.Adam(model.parameters());
        using var guard = GradientGuard.For(model, optimizer);
        StepVerdict Step()
        {
            optimizer.zero_grad();
            Tensor loss = model.call(randn(4, 3)).sum();
            loss.backward();
            return guard.Step(loss);
        }

        for (int i = 0; i < stepsBefore; i++)
        {
            _ = Step();
        }

        _ = model.append("late", nn.Linear(2, 2));

        string message = Assert.Throws<InvalidOperationException>(() => _ = Step()).Message;
        Assert.StartsWith("The model's parameters changed since the guard was attached: layers were added", message);
        Assert.Contains("Create the optimizer and the guard anew", message);
        Assert.Throws<InvalidOperationException>(() => guard.TrySaveCheckpoint("never-written", out _));
    }

    [Fact]
    public void An_optimizer_that_steps_frozen_parameters_only_is_refused()
    {
        using Weights model = Weights.OfZeros(2);
        model[0].requires_grad = false;
        using optim.Optimizer optimizer = optim.SGD([model[0]], 0.1);

        Assert.Throws<ArgumentException>("optimizer", () => GradientGuard.For(model, optimizer));
    }

    [Fact]
    public void An_optimizer_that_computes_gradients_within_its_step_is_refused()
    {
        using Linear model = nn.Linear(3, 2);
        using optim.Optimizer optimizer = optim.LBFGS(model.parameters());

        string message = Assert.Throws<ArgumentException>("optimizer", () => GradientGuard.For(model, optimizer)).Message;

        Assert.StartsWith("LBFGS computes several gradients within one step", message);
    }

    [Fact]
    public void Trainable_parameters_that_the_optimizer_does_not_step_are_named_and_accepted()
    {
        using Weights model = Weights.OfZeros(3);
        model[2].requires_grad = false;
        using optim.Optimizer optimizer = optim.SGD([model[1]], 0.1);
        using var guard = GradientGuard.For(model, optimizer);

        Assert.Equal(["w0"], guard.UnguardedParameters);
    }

    [Fact]
    public void Weights_that_no_initialization_gives_are_refused_by_name()
    {
        using var model = new Weights(ones(4), tensor(new[] { 1f, float.NaN, float.NegativeInfinity }), tensor(new[] { 0f, -4.2e13f }));
        using optim.Optimizer optimizer = model.Sgd();

        string message = Assert.Throws<ArgumentException>("model", () => GradientGuard.For(model, optimizer)).Message;

        Assert.Contains("has parameters that cannot be meant: w1 (2 of 3 elements are not finite), w2 (magnitude 4.2E+13).", message);
        Assert.Contains("torch.empty", message);
        Assert.Contains("MaxInitialWeight", message);
        Assert.DoesNotContain("GroupNorm", message);
    }

    [Fact]
    public void No_limit_is_offered_to_weights_that_are_not_finite()
    {
        using var model = new Weights(full(4, float.NaN));
        using optim.Optimizer optimizer = model.Sgd();

        string message = Assert.Throws<ArgumentException>("model", () => GradientGuard.For(model, optimizer)).Message;

        Assert.Contains("w0 (4 of 4 elements are not finite)", message);
        Assert.Contains("load an earlier one", message);
        Assert.DoesNotContain("MaxInitialWeight", message);
    }

    [Fact]
    public void A_group_norm_that_was_left_uninitialized_is_told_how_to_be_initialized()
    {
        using GroupNorm norm = nn.GroupNorm(1, 2);
        using (no_grad())
        {
            _ = norm.weight!.fill_(-4.2e13);
            _ = norm.bias!.fill_(0);
        }

        using Sequential model = nn.Sequential(nn.Linear(2, 2), norm);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.1);

        string message = Assert.Throws<ArgumentException>("model", () => GradientGuard.For(model, optimizer)).Message;

        Assert.Contains("init.ones_(weight)", message);
        Assert.DoesNotContain("torch.empty", message);
    }

    [Fact]
    public void A_huge_weight_is_accepted_where_it_is_meant()
    {
        using var model = new Weights(full(4, 1e7f));
        using optim.Optimizer optimizer = model.Sgd();

        Assert.Throws<ArgumentException>(() => GradientGuard.For(model, optimizer));
        GradientGuard.For(model, optimizer, new() { MaxInitialWeight = double.PositiveInfinity }).Dispose();
    }

    [Fact]
    public void A_recurrent_layer_can_be_guarded()
    {
        using LSTM model = nn.LSTM(3, 4);
        using optim.Optimizer optimizer = optim.Adam(model.parameters());
        using var guard = GradientGuard.For(model, optimizer);
        Tensor loss = model.call(randn(5, 2, 3)).Item1.sum();
        loss.backward();

        StepVerdict verdict = guard.Step(loss);

        Assert.True(verdict.StepApplied);
        Assert.True(verdict.GradientNorm > 0);
        Assert.Empty(guard.UnguardedParameters);
    }
}
