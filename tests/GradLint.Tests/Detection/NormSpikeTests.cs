namespace GradLint.Tests;

public class NormSpikeTests
{
    [Theory]
    [InlineData(0.1, 100)]
    [InlineData(0.2, 30)]
    [InlineData(0.3, 100)]
    [InlineData(0.5, 1e6)]
    public void A_single_spike_is_skipped(double deviation, double factor)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            using var run = new GuardedSeries();
            _ = run.Norms(Series.LogNormal(deviation, 200, seed));

            StepVerdict verdict = run.Next(factor);

            Assert.Equal((StepOutcome.Skipped, StepReason.Spike), (verdict.Outcome, verdict.Reason));
            Assert.Equal(1, verdict.Baseline!.Value, 0.4);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1e3)]
    [InlineData(1e6)]
    public void A_run_of_ten_spikes_is_skipped_to_the_last_where_OLMo_skips_four(double factor)
    {
        using var run = new GuardedSeries();
        double[] norms = [.. Series.LogNormal(0.3, 200)];
        var olmo = new OlmoSkip();
        foreach (double norm in norms)
        {
            _ = run.Next(norm);
            _ = olmo.Skips(norm);
        }

        Assert.All(run.Norms(Enumerable.Repeat(factor, 10)), verdict => Assert.Equal(StepReason.Spike, verdict.Reason));
        Assert.Equal(4, Enumerable.Range(0, 10).Count(_ => olmo.Skips(factor)));
        Assert.Equal(StepReason.Finite, run.Next(1).Reason);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(1000)]
    public void A_lasting_change_is_accepted_within_64_steps_and_becomes_the_baseline(double factor)
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Series.Normal(1, 0.1, 500));

        IReadOnlyList<StepVerdict> shifted = run.Norms(Series.Normal(factor, 0.1 * factor, 300, seed: 2));

        Assert.DoesNotContain(shifted.Skip(64), verdict => verdict.Reason == StepReason.Spike);
        Assert.Equal(factor, shifted[^1].Baseline!.Value, 0.1 * factor);
    }

    [Fact]
    public void The_step_that_accepts_a_lasting_change_says_so_and_is_taken()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Series.Normal(1, 0.1, 500));

        IReadOnlyList<StepVerdict> shifted = run.Norms(Enumerable.Repeat(100d, 33));

        Assert.All(shifted.Take(31), verdict => Assert.Equal((StepOutcome.Skipped, StepReason.Spike), (verdict.Outcome, verdict.Reason)));
        Assert.Equal((StepOutcome.Clipped, StepReason.LevelShift), (shifted[31].Outcome, shifted[31].Reason));
        Assert.Equal((StepOutcome.Clipped, StepReason.Finite), (shifted[32].Outcome, shifted[32].Reason));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_not_finite_leaves_the_baseline_as_it_is(double bad)
    {
        using var undisturbed = new GuardedSeries();
        using var disturbed = new GuardedSeries();
        double[] norms = [.. Series.LogNormal(0.3, 300)];
        for (int i = 0; i < norms.Length; i++)
        {
            StepVerdict expected = undisturbed.Next(norms[i]);
            if (i % 7 == 3)
            {
                Assert.Equal(StepReason.NonFiniteGradient, disturbed.Next(bad).Reason);
            }

            StepVerdict actual = disturbed.Next(norms[i]);
            Assert.Equal((expected.Outcome, expected.Reason, expected.Baseline), (actual.Outcome, actual.Reason, actual.Baseline));
        }
    }

    [Fact]
    public void Nothing_is_a_spike_before_the_baseline_is_known_but_it_is_clipped()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Enumerable.Repeat(0.5, Baseline.WarmUp - 1));

        StepVerdict verdict = run.Next(1e6);

        Assert.Equal((StepOutcome.Clipped, StepReason.Finite, null), (verdict.Outcome, verdict.Reason, verdict.Baseline));
    }

    [Fact]
    public void A_norm_that_clipping_lets_pass_is_no_spike_however_small_the_others_are()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Series.LogNormal(0.1, 200).Select(norm => norm * 1e-4));

        Assert.Equal((StepOutcome.Applied, StepReason.Finite), (run.Next(1).Outcome, run.Next(1).Reason));
        Assert.Equal(StepReason.Spike, run.Next(1.01).Reason);
    }

    [Fact]
    public void Norms_that_stand_still_may_vary()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Enumerable.Repeat(5d, 200));

        Assert.Equal(StepReason.Finite, run.Next(5.0000001).Reason);
        Assert.Equal(StepReason.Finite, run.Next(49).Reason);
        Assert.Equal(StepReason.Spike, run.Next(51).Reason);
    }

    [Fact]
    public void Steps_without_a_gradient_do_not_lower_the_baseline()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Enumerable.Repeat(5d, 100));
        _ = run.Norms(Enumerable.Repeat(0d, 200));

        Assert.Equal(5, run.Next(5).Baseline!.Value, 1e-9);
    }

    [Fact]
    public void Norms_beyond_the_range_of_double_are_spikes_and_may_become_the_level()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Enumerable.Repeat(5d, 100));

        IReadOnlyList<StepVerdict> huge = run.Norms(Enumerable.Repeat(double.MaxValue, 100));

        Assert.Equal(StepReason.Spike, huge[0].Reason);
        Assert.Equal(StepReason.LevelShift, huge[31].Reason);
        Assert.Equal((StepOutcome.Clipped, StepReason.NormOverflow), (huge[32].Outcome, huge[32].Reason));
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.2)]
    public void A_run_with_rare_large_batches_keeps_learning_from_them(double share)
    {
        using var run = new GuardedSeries();
        var random = new Random(4);
        bool[] rare = [.. Enumerable.Range(0, 10_000).Select(_ => random.NextDouble() < share)];

        IReadOnlyList<StepVerdict> verdicts = run.Norms(rare.Select(isRare => isRare ? 100d : 1));

        int skipped = verdicts.Count(verdict => verdict.Outcome == StepOutcome.Skipped);
        Assert.InRange(skipped, 0, 32 + (verdicts.Count / 64));
        Assert.True(rare.Count(isRare => isRare) > 1.5 * skipped);
        Assert.Contains(verdicts, verdict => (verdict.Outcome, verdict.Reason) == (StepOutcome.Clipped, StepReason.Spike));
    }

    [Fact]
    public void Told_not_to_skip_the_guard_clips_spikes_and_names_them()
    {
        using var run = new GuardedSeries(new() { NormSpikes = new() { Skip = false } });
        _ = run.Norms(Series.Normal(0.5, 0.05, 100));

        IReadOnlyList<StepVerdict> spikes = run.Norms(Enumerable.Repeat(100d, 31));

        Assert.All(spikes, verdict => Assert.Equal((StepOutcome.Clipped, StepReason.Spike), (verdict.Outcome, verdict.Reason)));
        Assert.Equal(0.5, spikes[^1].Baseline!.Value, 0.05);
    }

    [Fact]
    public void Told_not_to_look_the_guard_finds_no_spike()
    {
        using var run = new GuardedSeries(new() { NormSpikes = null });
        _ = run.Norms(Series.Normal(0.5, 0.05, 100));

        StepVerdict verdict = run.Next(1e6);

        Assert.Equal((StepOutcome.Clipped, StepReason.Finite, null), (verdict.Outcome, verdict.Reason, verdict.Baseline));
    }

    /// <summary>The rule of OLMo-core's SkipStepOptimizer: six standard deviations over 128 steps, skipped ones included.</summary>
    private sealed class OlmoSkip
    {
        private readonly Queue<double> _window = new();

        public bool Skips(double value)
        {
            double mean = _window.DefaultIfEmpty(0).Average();
            double deviation = Math.Sqrt(_window.Sum(x => (x - mean) * (x - mean)) / Math.Max(_window.Count - 1, 1));
            bool skips = _window.Count >= 64 && !(value - mean <= 6 * deviation);
            _window.Enqueue(value);
            if (_window.Count > 128)
            {
                _ = _window.Dequeue();
            }

            return skips;
        }
    }
}
