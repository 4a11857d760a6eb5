using static TorchSharp.torch;

namespace GradLint.Tests;

public class AdviceTests
{
    [Theory]
    [InlineData(100, 1)]
    [InlineData(60, 0)]
    public void A_first_layer_whose_gradient_is_70_times_the_last_s_is_told_once(float ratio, int expected)
    {
        using var model = new Weights(zeros(2, 2), zeros(9), zeros(2, 2));
        _ = model.WithGradients(full(new long[] { 2, 2 }, ratio), full(9, 1e9f), ones(2, 2));

        IReadOnlyList<Advice> advice = AdviceAfter(model, steps: 100);

        Assert.Equal(expected, advice.Count);
        if (expected > 0)
        {
            Assert.Equal((AdviceKind.DepthRatio, 32L, 70), (advice[0].Kind, advice[0].Step, advice[0].Limit));
            Assert.Equal(ratio, advice[0].Value, 0.01);
            Assert.Equal(["w0", "w2"], advice[0].Parameters);
            Assert.StartsWith("The gradient of w0 is 100 times as large as that of w2: it explodes", advice[0].Message);
        }
    }

    [Theory]
    [InlineData(1e-6f, 1f, 1)]
    [InlineData(1e-3f, 1e3f, 0)]
    [InlineData(1e-6f, 1e-4f, 0)]
    public void A_first_layer_whose_gradient_is_tiny_in_itself_and_beside_the_last_s_is_told(float first, float last, int expected)
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2));
        _ = model.WithGradients(full(new long[] { 2, 2 }, first), full(new long[] { 2, 2 }, last));

        IReadOnlyList<Advice> advice = AdviceAfter(model, steps: 40);

        Assert.Equal(expected, advice.Count(a => a.Kind == AdviceKind.VanishingGradient));
    }

    [Fact]
    public void A_gradient_that_is_tiny_because_the_loss_is_has_not_vanished()
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2));
        using Tensor first = ones(2, 2);
        _ = model.WithGradients(first, ones(2, 2));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = null });
        for (int step = 0; step < 200; step++)
        {
            bool hasLearned = step >= 50;
            _ = first.fill_(hasLearned ? 1e-6 : 1);
            _ = guard.Inspect(full(1, hasLearned ? 0.01 : 1.0));
        }

        Assert.Empty(guard.Advice);
    }

    [Fact]
    public void Layers_without_a_gradient_are_neither_first_nor_last()
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2), zeros(2, 2));
        _ = model.WithGradients(zeros(2, 2), ones(2, 2), null);
        model[0].requires_grad = false;

        Assert.Empty(AdviceAfter(model, steps: 300));
    }

    [Fact]
    public void A_layer_most_of_whose_units_get_no_gradient_is_told()
    {
        using var model = new Weights(zeros(4, 2), zeros(4));
        _ = model.WithGradients(ones(4, 2), tensor(new[] { 0f, 0f, 0f, 1f }));

        Advice advice = Assert.Single(AdviceAfter(model, steps: 500));

        Assert.Equal((AdviceKind.DeadUnits, 200L, 0.75), (advice.Kind, advice.Step, advice.Value));
        Assert.Equal(["w1"], advice.Parameters);
        Assert.Contains("75 % of the units of w1 have had no gradient for 200 steps", advice.Message);
    }

    [Fact]
    public void A_parameter_that_gets_no_gradient_at_all_is_told_unless_it_is_frozen()
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2), zeros(2, 2));
        _ = model.WithGradients(zeros(2, 2), ones(2, 2), zeros(2, 2));
        model[2].requires_grad = false;

        Assert.Equal(["w0"], Assert.Single(AdviceAfter(model, steps: 200)).Parameters);
    }

    [Fact]
    public void A_unit_that_is_active_now_and_then_is_not_dead()
    {
        using var model = new Weights(zeros(4));
        using Tensor gradient = zeros(4);
        _ = model.WithGradients(gradient);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        for (int step = 0; step < 600; step++)
        {
            _ = gradient.fill_(step % 100 == 0 ? 1 : 0);
            _ = guard.Inspect();
        }

        Assert.Empty(guard.Advice);
    }

    [Theory]
    [InlineData(0.5, "lower")]
    [InlineData(1e-7, "higher")]
    [InlineData(1e-3, null)]
    public void A_step_that_is_large_or_small_beside_the_weights_is_told(double learningRate, string? rate)
    {
        using var model = new Weights(ones(2, 2));
        _ = model.WithGradients(full(new long[] { 2, 2 }, 0.5f));
        using optim.Optimizer optimizer = model.Sgd(learningRate);
        using var guard = GradientGuard.For(model, optimizer, new() { Advice = new() { UpdateRatio = new() } });
        for (int step = 0; step < 3; step++)
        {
            // The caller's own step is seen as well.
            Assert.True(guard.Inspect().MayStep);
            _ = optimizer.step();
        }

        Assert.Equal(rate is null ? 0 : 1, guard.Advice.Count);
        if (rate is not null)
        {
            Assert.Equal((AdviceKind.UpdateRatio, 1L), (guard.Advice[0].Kind, guard.Advice[0].Step));
            Assert.Equal(1, guard.Advice[0].Value / (learningRate * 0.5), 0.2);
            Assert.Contains($"Try a {rate} learning rate", guard.Advice[0].Message);
        }
    }

    [Fact]
    public void A_loss_that_no_longer_falls_is_told_once()
    {
        using var run = new GuardedSeries();

        Advice advice = Assert.Single(run.Losses(Enumerable.Repeat(2.0, 5000)), v => v.Advice.Count > 0).Advice.Single();

        Assert.Equal((AdviceKind.Plateau, 2100L), (advice.Kind, advice.Step));
    }

    [Fact]
    public void A_loss_that_falls_slowly_but_steadily_is_no_plateau()
    {
        using var run = new GuardedSeries();

        _ = run.Losses(Enumerable.Range(0, 5000).Select(step => Math.Exp(-step / 10_000.0)));

        Assert.Empty(run.Guard.Advice);
    }

    [Fact]
    public void A_loss_that_rises_to_four_times_its_best_and_stays_there_is_told()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Enumerable.Repeat(1.0, 100));

        _ = run.Losses(Enumerable.Repeat(5.0, 32));

        Advice advice = Assert.Single(run.Guard.Advice);
        Assert.Equal((AdviceKind.Divergence, 5.0, 4.0), (advice.Kind, advice.Value, advice.Limit));
    }

    [Fact]
    public void Small_losses_that_waver_are_no_divergence()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Enumerable.Range(0, 1000).Select(step => Math.Exp(-step / 100.0)));

        _ = run.Losses(Enumerable.Range(0, 1000).Select(step => 2e-4 * Math.Exp(2 * Math.Sin(step / 100.0))));

        Assert.Empty(run.Guard.Advice);
    }

    [Fact]
    public void A_loss_that_goes_below_zero_has_no_best_to_be_a_multiple_of()
    {
        using var run = new GuardedSeries();

        // Its medians come near 0 on their way.
        _ = run.Losses(Series.Normal(0, 1, 400).Select((noise, step) => noise + 2 - (step / 100.0)));

        Assert.Empty(run.Guard.Advice);
    }

    [Fact]
    public void A_few_bad_losses_are_no_divergence()
    {
        using var run = new GuardedSeries();

        _ = run.Losses(Enumerable.Range(0, 500).Select(step => step % 50 < 10 ? 100.0 : 1));

        Assert.Empty(run.Guard.Advice);
    }

    [Fact]
    public void A_validation_loss_that_rises_three_times_in_a_row_is_told()
    {
        using var run = new GuardedSeries();
        double[] losses = [1, 0.8, 0.9, 0.79, 0.9, 0.95, 0.99, 1.2];

        Advice?[] advice = Array.ConvertAll(losses, run.Guard.RecordValidation);

        Assert.Equal([6], Enumerable.Range(0, losses.Length).Where(i => advice[i] is not null));
        Assert.Equal((AdviceKind.ValidationLoss, 0.99, 0.79), (advice[6]!.Kind, advice[6]!.Value, advice[6]!.Limit));
        Assert.Equal([advice[6]!], run.Guard.Advice);
    }

    [Fact]
    public void A_guard_that_is_not_to_advise_does_not()
    {
        using var run = new GuardedSeries(new() { Advice = null });

        _ = run.Losses(Enumerable.Repeat(2.0, 3000));

        Assert.Null(run.Guard.RecordValidation(double.NaN));
        Assert.Empty(run.Guard.Advice);
    }

    [Fact]
    public void A_healthy_training_gets_no_advice()
    {
        using var training = new Training("Adam");

        training.Train(600);

        Assert.DoesNotContain(training.Guard.Advice, a => a.Kind is not AdviceKind.Plateau);
    }

    [Fact]
    public void What_the_detectors_have_seen_travels_with_the_guard_s_state()
    {
        using var state = new MemoryStream();
        var options = new GradientGuardOptions { Recovery = null };
        using (var first = new GuardedSeries(options))
        {
            _ = first.Losses(Enumerable.Repeat(1.0, 100).Concat(Enumerable.Repeat(5.0, 10)));
            first.Guard.SaveState(state);
        }

        state.Position = 0;
        using var second = new GuardedSeries(options);
        second.Guard.LoadState(state);
        _ = second.Losses(Enumerable.Repeat(5.0, 22));

        Assert.Equal(AdviceKind.Divergence, Assert.Single(second.Guard.Advice).Kind);
    }

    [Fact]
    public void A_verdict_s_line_ends_with_the_advice() => Assert.EndsWith(
        "; Look here.",
        new StepVerdict { Step = 7, Advice = [new(AdviceKind.Plateau, 7, 1, 1, "Look here.", [])] }.ToString());

    private static IReadOnlyList<Advice> AdviceAfter(Weights model, int steps)
    {
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = null });
        for (int step = 0; step < steps; step++)
        {
            _ = guard.Inspect();
        }

        return guard.Advice;
    }
}
