namespace GradLint.Tests;

public class GuardSummaryTests
{
    [Fact]
    public void A_guard_counts_what_it_does()
    {
        using var run = new GuardedSeries();
        _ = run.Norms(Enumerable.Repeat(0.5, 6));
        _ = run.Norms(Enumerable.Repeat(2.0, 2));
        _ = run.Norms(Enumerable.Repeat(double.NaN, 2));

        GuardSummary summary = run.Guard.Summary;

        Assert.Equal((10, 2, 2), (summary.Steps, summary.Clipped, summary.Skipped));
        Assert.Equal(0.25, summary.ClipRate);
        Assert.Equal((2, double.NaN), (summary.LargestNorm, summary.SuggestedMaxNorm));
    }

    [Fact]
    public void The_norms_of_the_whole_run_are_told_to_3_percent_and_a_threshold_is_suggested()
    {
        using var run = new GuardedSeries(new() { Clipping = null });
        double[] norms = [.. Series.LogNormal(0.5, 20_000)];
        _ = run.Norms(norms);
        Array.Sort(norms);

        GuardSummary summary = run.Guard.Summary;

        Assert.Equal(1, summary.MedianNorm / norms[10_000], 0.04);
        Assert.Equal(1, summary.Norm95 / norms[19_000], 0.04);
        Assert.Equal(1, summary.Norm99 / norms[19_800], 0.04);
        Assert.Equal(norms[^1], summary.LargestNorm);
        Assert.Equal(summary.Norm95, summary.SuggestedMaxNorm);
    }

    [Fact]
    public void No_threshold_is_suggested_that_is_far_from_the_usual_norm()
    {
        using var run = new GuardedSeries(new() { Clipping = null, NormSpikes = null });
        _ = run.Norms(Enumerable.Range(0, 1000).Select(i => i % 10 == 0 ? 1e9 : 1));

        Assert.Equal(10, run.Guard.Summary.SuggestedMaxNorm / run.Guard.Summary.MedianNorm, 1e-9);
    }

    [Fact]
    public void A_summary_is_one_readable_line()
    {
        var summary = new GuardSummary
        {
            Steps = 1000, Clipped = 49, Skipped = 20, MedianNorm = 0.51, Norm95 = 1.52, LargestNorm = 34.2, SuggestedMaxNorm = 1.52,
        };

        Assert.Equal(
            "1000 steps, 49 clipped (5.0 %), 20 skipped; gradient norm median 0.51, 95 % below 1.52, largest 34.2; suggested threshold 1.5",
            summary.ToString());
    }

    [Fact]
    public void A_summary_of_a_short_run_says_what_is_not_known_yet()
    {
        using var run = new GuardedSeries();
        Assert.Equal("0 steps, 0 clipped (0.0 %), 0 skipped; no gradient norm yet", run.Guard.Summary.ToString());

        _ = run.Norms([0.5]);

        Assert.EndsWith("largest 0.5; suggested threshold not yet", run.Guard.Summary.ToString());
        Assert.DoesNotContain("NaN", run.Guard.Summary.ToString());
    }
}
