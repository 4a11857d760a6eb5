namespace GradLint.Tests;

public class RollingWindowTests
{
    [Fact]
    public void It_holds_the_latest_values_in_order_of_size()
    {
        var random = new Random(5);
        var window = new RollingWindow(10);
        var all = new List<double>();
        for (int i = 0; i < 1000; i++)
        {
            // Few distinct values: equal ones must not be confused.
            all.Add(random.Next(6));
            window.Add(all[^1]);

            Assert.Equal(all.TakeLast(10).Order(), Enumerable.Range(0, window.Count).Select(rank => window[rank]));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1.4)]
    [InlineData(0.5, 3)]
    [InlineData(1, 5)]
    public void Its_quantiles_are_those_of_numpy(double share, double expected)
    {
        var window = new RollingWindow(8);
        foreach (double value in (double[])[3, 1, 5, 2, 4])
        {
            window.Add(value);
        }

        Assert.Equal(expected, window.Quantile(share), 1e-12);
    }
}
