namespace GradLint.Tests;

/// <summary>Random series of norms and losses, the same in every run.</summary>
internal static class Series
{
    public static IEnumerable<double> Normal(double mean, double deviation, int count, int seed = 1)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => mean + (deviation * Standard(random))).ToArray();
    }

    public static IEnumerable<double> LogNormal(double deviation, int count, int seed = 1) =>
        Normal(0, deviation, count, seed).Select(Math.Exp);

    /// <summary>The exponential of Student's t with three degrees of freedom: its own tails are heavier than any power's.</summary>
    public static IEnumerable<double> HeavyTailed(double scale, int count, int seed = 1)
    {
        var random = new Random(seed);
        double Student()
        {
            double squares = Enumerable.Range(0, 3).Sum(_ => Math.Pow(Standard(random), 2));
            return Standard(random) / Math.Sqrt(squares / 3);
        }

        return Enumerable.Range(0, count).Select(_ => Math.Exp(scale * Student())).ToArray();
    }

    private static double Standard(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
