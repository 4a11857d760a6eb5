namespace GradLint.Tests;

public class LossSpikeTests
{
    [Fact]
    public void A_loss_far_above_all_others_is_skipped()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));

        StepVerdict verdict = run.Next(norm: 0.5, loss: 40);

        Assert.Equal((StepOutcome.Skipped, StepReason.LossSpike), (verdict.Outcome, verdict.Reason));
        Assert.Equal(2.3, verdict.LossBaseline!.Value, 0.1);
    }

    [Fact]
    public void A_loss_spike_is_found_at_the_current_level_and_not_at_that_of_the_first_steps()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Series.Normal(0, 0.1, 1000).Select((noise, step) => (9 * Math.Exp(-step / 100.0)) + 2 + noise));

        // Ten times the largest of the first losses, as Megatron has it, would be 110.
        Assert.Equal(StepReason.LossSpike, run.Next(1, loss: 50).Reason);
    }

    [Fact]
    public void Losses_may_cross_zero()
    {
        using var run = new GuardedSeries();
        IEnumerable<double> falling = Series.Normal(0, 0.05, 20_000).Select((noise, step) => 2 - (step * 2e-4) + noise);

        Assert.DoesNotContain(run.Losses(falling), verdict => verdict.Reason != StepReason.Finite);
        Assert.Equal(StepReason.LossSpike, run.Next(1, loss: 40).Reason);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0)]
    [InlineData(-3)]
    public void A_loss_that_stands_still_may_vary(double loss)
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Enumerable.Repeat(loss, 200));

        Assert.Equal(StepReason.Finite, run.Next(1, loss + (1e-7 * loss)).Reason);
    }

    [Fact]
    public void A_hard_example_in_a_model_that_is_nearly_trained_is_not_a_spike()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Enumerable.Range(0, 2000).Select(step => (2.3 * Math.Exp(-step / 200.0)) + 1e-4));

        Assert.Equal(StepReason.Finite, run.Next(1, loss: 1.5).Reason);
        Assert.Equal(StepReason.LossSpike, run.Next(1, loss: 2.5).Reason);
    }

    [Fact]
    public void One_loss_that_is_not_a_number_costs_one_step_where_OLMo_loses_128()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));

        Assert.Equal(StepReason.NonFiniteLoss, run.Next(1, double.NaN).Reason);
        Assert.All(run.Losses(Series.Normal(2.3, 0.1, 200, seed: 2)), verdict => Assert.Equal(StepReason.Finite, verdict.Reason));
    }

    [Fact]
    public void Losses_that_are_not_numbers_do_not_blind_the_detector()
    {
        using var run = new GuardedSeries(new() { Recovery = null });
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));
        _ = run.Losses(Enumerable.Repeat(double.NaN, 200));

        Assert.Equal(StepReason.LossSpike, run.Next(1, loss: 40).Reason);
    }

    [Fact]
    public void A_step_that_is_skipped_for_its_loss_does_not_enter_the_baseline_of_the_norm()
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(StepReason.LossSpike, run.Next(norm: 3, loss: 40).Reason);
            Assert.Equal(1, run.Next(norm: 1, loss: 2.3).Baseline!.Value, 1e-9);
        }
    }

    [Fact]
    public void A_lasting_change_of_the_loss_is_accepted()
    {
        using var run = new GuardedSeries(new() { Recovery = null });
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));

        IReadOnlyList<StepVerdict> shifted = run.Losses(Series.Normal(23, 1, 200, seed: 2));

        Assert.Equal(StepReason.LevelShift, shifted[31].Reason);
        Assert.All(shifted.Skip(32), verdict => Assert.Equal(StepReason.Finite, verdict.Reason));
    }
}
