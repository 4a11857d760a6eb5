namespace GradLint.SignalPropagation.Tests;

/// <summary>Draws that are the same on every machine.</summary>
public class NormalDrawsTests
{
    [Fact]
    public void The_values_are_the_quantiles_of_a_Gaussian_with_a_variance_of_exactly_1()
    {
        // Phi^-1 of 1/8 and 3/8, 1.15035 and 0.31864, over the root of their mean square.
        double[] expected = [-1.3628953595136533, -0.37751323025312616, 0.37751323025312616, 1.3628953595136533];
        Assert.All(new NormalDraws(4, 3).Next().Order().Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-10));
    }

    [Fact]
    public void Every_draw_has_the_moments()
    {
        NormalDraws draws = new(1000, 7);
        for (int i = 0; i < 3; i++)
        {
            double[] draw = draws.Next();
            Assert.Equal(0, draw.Sum(), 1e-9);
            Assert.Equal(1, draw.Average(z => z * z), 1e-12);
            Assert.Equal(3, draw.Average(z => z * z * z * z), 0.05);
        }
    }

    /// <summary>Computed apart, from Marsaglia's xorshift (13, 17, 5) and a shuffle from the end.</summary>
    [Fact]
    public void The_order_is_that_of_the_seed()
    {
        NormalDraws draws = new(8, 1);
        Assert.Equal([1, 3, 2, 6, 4, 0, 5, 7], Ranks(draws.Next()));
        Assert.Equal([1, 6, 7, 4, 2, 5, 0, 3], Ranks(draws.Next()));
        Assert.Equal([6, 0, 1, 2, 7, 3, 4, 5], Ranks(new NormalDraws(8, 2).Next()));
    }

    /// <summary>A state of 0 would stay 0.</summary>
    [Fact]
    public void No_seed_stands_still()
    {
        NormalDraws draws = new(8, -1440528649); // times 2654435761, plus 12345: 0 in 32 bits
        Assert.NotEqual(draws.Next(), draws.Next());
    }

    private static int[] Ranks(double[] draw)
    {
        double[] sorted = [.. draw.Order()];
        return [.. draw.Select(z => Array.IndexOf(sorted, z))];
    }
}
