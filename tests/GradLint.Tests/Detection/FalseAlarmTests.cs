namespace GradLint.Tests;

/// <summary>How seldom healthy series are taken for sick, over series that are long enough to tell.</summary>
public class FalseAlarmTests
{
    /// <summary>With no norm too small to harm, every false alarm shows.</summary>
    private static readonly GradientGuardOptions s_unclipped = new() { Clipping = null };

    public static TheoryData<string> HealthyNorms => [.. s_healthy.Keys];

    private static readonly Dictionary<string, Func<int, int, IEnumerable<double>>> s_healthy = new()
    {
        ["normal, deviation 0.1"] = (count, seed) => Series.Normal(1, 0.1, count, seed),
        ["lognormal, deviation 0.5"] = (count, seed) => Series.LogNormal(0.5, count, seed),
        ["lognormal, deviation 1"] = (count, seed) => Series.LogNormal(1, count, seed),
    };

    [Theory]
    [MemberData(nameof(HealthyNorms))]
    public void In_100_000_healthy_norms_there_is_no_false_alarm(string norms)
    {
        using var oneLongRun = new GuardedSeries(s_unclipped);
        Assert.Equal(0, Spikes(oneLongRun.Norms(s_healthy[norms](50_000, 1))));

        // A baseline is least certain when it is new.
        for (int seed = 2; seed < 102; seed++)
        {
            using var shortRun = new GuardedSeries(s_unclipped);
            Assert.Equal(0, Spikes(shortRun.Norms(s_healthy[norms](500, seed))));
        }
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(1)]
    public void Heavy_tails_give_at_most_one_false_alarm_in_200_steps(double scale)
    {
        using var run = new GuardedSeries(s_unclipped);

        Assert.InRange(Spikes(run.Norms(Series.HeavyTailed(scale, 100_000))), 0, 500);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void In_100_000_healthy_losses_there_is_no_false_alarm(double deviation)
    {
        using var run = new GuardedSeries();

        Assert.DoesNotContain(run.Losses(Series.LogNormal(deviation, 100_000)), verdict => verdict.Reason != StepReason.Finite);
    }

    private static int Spikes(IEnumerable<StepVerdict> verdicts) => verdicts.Count(verdict => verdict.Reason != StepReason.Finite);
}
