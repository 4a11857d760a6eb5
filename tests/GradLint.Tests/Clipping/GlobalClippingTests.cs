namespace GradLint.Tests;

/// <summary>The kinds that learn a threshold for the norm of all gradients from the run; the defects of their models are tests.</summary>
public class GlobalClippingTests
{
    private static readonly double[] s_healthy = [.. Series.Normal(1, 0.1, 500)];

    [Fact]
    public void Percentile_is_AutoClip_until_its_window_is_full()
    {
        using GuardedSeries run = RunWith(new PercentileClipping());
        var seen = new List<double>();
        foreach (double norm in s_healthy)
        {
            seen.Add(norm);
            double[] sorted = [.. seen.Order()];
            double rank = 0.1 * (sorted.Length - 1);
            double next = sorted[Math.Min((int)rank + 1, sorted.Length - 1)];
            double expected = sorted[(int)rank] + ((rank - (int)rank) * (next - sorted[(int)rank]));

            StepVerdict verdict = run.Next(norm);

            Assert.Equal(expected, verdict.Threshold!.Value, 1e-12);
            Assert.Equal(norm > expected ? StepOutcome.Clipped : StepOutcome.Applied, verdict.Outcome);
        }

        Assert.Equal(0.9, run.Guard.Summary.ClipRate, 0.03);
    }

    [Fact]
    public void Percentile_follows_a_falling_norm()
    {
        using GuardedSeries run = RunWith(new PercentileClipping { Percentile = 50, Window = 50 });
        _ = run.Norms(s_healthy);

        Assert.Equal(0.01, run.Norms(Enumerable.Repeat(0.01, 50))[^1].Threshold);
    }

    [Fact]
    public void ZScore_clips_outliers_as_published()
    {
        using GuardedSeries run = RunWith(new ZScoreClipping { MaxNorm = double.PositiveInfinity });
        // Mean 1 and deviation 0.5.
        for (int i = 0; i < 25; i++)
        {
            Assert.Null(run.Next(i == 24 ? 1 : i % 2 == 0 ? 0.5 : 1.5).Threshold);
        }

        // Population variance of 24 values half a unit away from the mean, and one upon it.
        double deviation = Math.Sqrt(24 * 0.25 / 25);
        double z = (4 - 1) / (deviation + 1e-6);

        StepVerdict verdict = run.Next(4);

        Assert.Equal(StepOutcome.Clipped, verdict.Outcome);
        Assert.Equal(1 + (2.5 * deviation / (z / 2.5)), verdict.Threshold!.Value, 1e-9);
    }

    [Fact]
    public void ZScore_never_lets_pass_more_than_the_absolute_limit()
    {
        using GuardedSeries run = RunWith(new ZScoreClipping());

        Assert.Equal((StepOutcome.Clipped, 1.0), (run.Next(3).Outcome, run.Next(3).Threshold));
        Assert.All(run.Norms(Series.Normal(3, 0.3, 200)), verdict => Assert.InRange(verdict.Threshold!.Value, 0, 1));
    }

    public static TheoryData<GradientClipping> LearningKinds() =>
    [
        new PercentileClipping { Percentile = 90 },
        new ZScoreClipping { MaxNorm = double.PositiveInfinity },
        new BaselineClipping { MaxNorm = double.PositiveInfinity },
    ];

    [Theory]
    [MemberData(nameof(LearningKinds))]
    public void What_is_not_finite_does_not_end_the_learning(GradientClipping clipping)
    {
        using GuardedSeries disturbed = RunWith(clipping);
        using GuardedSeries undisturbed = RunWith(clipping);
        foreach (double norm in s_healthy)
        {
            _ = disturbed.Next(double.NaN);
            _ = disturbed.Next(double.PositiveInfinity);
            Assert.Equal(undisturbed.Next(norm).Threshold, disturbed.Next(norm).Threshold);
        }
    }

    [Theory]
    [MemberData(nameof(LearningKinds))]
    public void A_spike_is_clipped_to_about_the_usual_norm(GradientClipping clipping)
    {
        using GuardedSeries run = RunWith(clipping);
        _ = run.Norms(s_healthy);

        StepVerdict verdict = run.Next(1000);

        Assert.Equal(StepOutcome.Clipped, verdict.Outcome);
        Assert.Equal(1, verdict.Threshold!.Value, 0.5);
    }

    public static TheoryData<GradientClipping, double> LastingRises()
    {
        var rises = new TheoryData<GradientClipping, double>();
        foreach (double factor in (double[])[2, 3, 10, 1000])
        {
            rises.Add(new ZScoreClipping { MaxNorm = double.PositiveInfinity }, factor);
            rises.Add(new BaselineClipping { MaxNorm = double.PositiveInfinity }, factor);
        }

        return rises;
    }

    /// <summary>Where ZClip as published clips to 1.08 for ever.</summary>
    [Theory]
    [MemberData(nameof(LastingRises))]
    public void A_lasting_rise_is_accepted_within_64_steps(GradientClipping clipping, double factor)
    {
        using GuardedSeries run = RunWith(clipping);
        _ = run.Norms(s_healthy);

        IReadOnlyList<StepVerdict> risen = run.Norms(Series.Normal(factor, 0.1 * factor, 264, seed: 2));

        Assert.InRange(risen.Skip(64).Count(verdict => verdict.Outcome == StepOutcome.Clipped), 0, 10);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Baseline_lets_healthy_norms_pass_of_which_ZClip_clips_up_to_12_percent(double deviation)
    {
        double[] norms = [.. Series.LogNormal(deviation, 20_000)];
        using GuardedSeries ours = RunWith(new BaselineClipping { MaxNorm = double.PositiveInfinity });
        using GuardedSeries zclip = RunWith(new ZScoreClipping { MaxNorm = double.PositiveInfinity });

        _ = ours.Norms(norms);
        _ = zclip.Norms(norms);

        Assert.InRange(ours.Guard.Summary.ClipRate, 0, 0.004);
        Assert.True(zclip.Guard.Summary.ClipRate > 2 * ours.Guard.Summary.ClipRate);
    }

    [Fact]
    public void Baseline_is_limited_from_the_first_step_on()
    {
        using GuardedSeries run = RunWith(new BaselineClipping());

        Assert.Equal((StepOutcome.Clipped, 1.0), (run.Next(3).Outcome, run.Next(3).Threshold));
        Assert.All(run.Norms(Series.Normal(3, 0.3, 200)), verdict => Assert.Equal(1, verdict.Threshold));
    }

    [Fact]
    public void Steps_without_a_gradient_teach_nothing()
    {
        using GuardedSeries run = RunWith(new PercentileClipping());
        _ = run.Norms(Enumerable.Repeat(1d, 20));
        _ = run.Norms(Enumerable.Repeat(0d, 500));

        Assert.Equal(1, run.Next(1).Threshold);
    }

    [Theory]
    [MemberData(nameof(LearningKinds))]
    public void What_was_learned_is_part_of_the_guards_state(GradientClipping clipping)
    {
        using GuardedSeries before = RunWith(clipping);
        using GuardedSeries after = RunWith(clipping);
        _ = before.Norms(s_healthy);
        using var state = new MemoryStream();
        before.Guard.SaveState(state);
        state.Position = 0;

        after.Guard.LoadState(state);

        foreach (double norm in Series.LogNormal(0.5, 200))
        {
            StepVerdict expected = before.Next(norm);
            StepVerdict actual = after.Next(norm);
            Assert.Equal((expected.Threshold, expected.Outcome), (actual.Threshold, actual.Outcome));
        }

        Assert.Equal(before.Guard.Summary, after.Guard.Summary);
    }

    /// <summary>All that is not the clipping's task is left out.</summary>
    private static GuardedSeries RunWith(GradientClipping clipping) =>
        new(new() { Clipping = clipping, NormSpikes = null, Recovery = null });
}
