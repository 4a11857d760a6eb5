namespace GradLint.Tests;

public class BaselineTests
{
    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(500)]
    public void Center_and_spread_are_median_and_median_absolute_deviation(int count)
    {
        double[] values = [.. Series.Normal(0, 3, count)];
        Baseline baseline = BaselineOf(values);

        double[] latest = [.. values.TakeLast(Baseline.Window)];
        double median = Median(latest);
        double[] deviations = [.. latest.Select(x => Math.Abs(x - median)).Order()];

        Assert.Equal(median, baseline.Median!.Value, 1e-12);
        Assert.Equal(median + (1.4826 * deviations[latest.Length / 2]), baseline.ValueAt(1), 1e-12);
        Assert.Equal(2.5, baseline.DeviationsOf(baseline.ValueAt(2.5)), 1e-12);
    }

    [Fact]
    public void Positive_values_are_compared_by_their_logarithms()
    {
        Baseline baseline = BaselineOf([.. Series.LogNormal(0.5, 128)]);
        Baseline ofLogarithms = BaselineOf([.. Series.Normal(0, 0.5, 128)]);

        Assert.Equal(Math.Exp(ofLogarithms.Median!.Value), baseline.Median!.Value, 1e-12);
        Assert.Equal(ofLogarithms.DeviationsOf(3), baseline.DeviationsOf(Math.Exp(3)), 1e-9);
        Assert.Equal(7, baseline.RatioOf(7 * baseline.Median.Value), 1e-9);
    }

    [Fact]
    public void Judging_and_taking_in_allocates_nothing()
    {
        Baseline baseline = BaselineOf([.. Series.LogNormal(0.5, 128)]);
        double[] values = [.. Series.LogNormal(0.5, 1000)];

        // What the runtime allocates on the thread while it recompiles hot code comes once; what the baseline allocates would come in every round.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => AllocatedBy(() => Feed(baseline, values))));
    }

    [Fact]
    public void A_usual_value_among_unusual_ones_drops_only_the_oldest()
    {
        Baseline baseline = BaselineOf([.. Series.LogNormal(0.1, 128)]);
        for (int i = 0; i < 31; i++)
        {
            Assert.False(baseline.Hold(10 + i));
        }

        baseline.Accept(1);

        Assert.False(baseline.Hold(41));
        Assert.True(baseline.Hold(42));
        Assert.Equal(1, baseline.RatioOf(Math.Sqrt(26.0 * 27.0)), 1e-9);
    }

    [Fact]
    public void A_series_of_which_less_than_half_is_unusual_keeps_its_baseline()
    {
        Baseline baseline = BaselineOf([.. Series.LogNormal(0.1, 128)]);

        for (int i = 0; i < 1000; i++)
        {
            Assert.False(baseline.Hold(100));
            baseline.Accept(1);
            baseline.Accept(1.1);
        }
    }

    private static long AllocatedBy(Func<double> run)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static double Feed(Baseline baseline, double[] values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += baseline.DeviationsOf(value);
            baseline.Accept(value);
        }

        return sum;
    }

    private static Baseline BaselineOf(double[] values)
    {
        var baseline = new Baseline();
        foreach (double value in values)
        {
            baseline.Accept(value);
        }

        return baseline;
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
