using System;
using System.Collections.Concurrent;

namespace GradLint.SignalPropagation;

/// <summary>The quantiles of N(0, 1) in a random order that depends on the seed alone: the same on every machine, with the variance of exactly 1.</summary>
internal sealed class NormalDraws
{
    private static readonly ConcurrentDictionary<int, double[]> s_quantiles = new();
    private readonly double[] _quantiles;
    private uint _state;

    /// <summary>Draws of so many values each.</summary>
    public NormalDraws(int count, int seed)
    {
        _state = unchecked(((uint)seed * 2654435761u) + 12345u);
        _state = _state == 0 ? 1u : _state;
        _quantiles = s_quantiles.GetOrAdd(count, Quantiles);
    }

    /// <summary>The quantiles in the next order.</summary>
    public double[] Next()
    {
        double[] shuffled = (double[])_quantiles.Clone();
        for (int i = shuffled.Length - 1; i > 0; i--)
        {
            int j = (int)(Random() % (uint)(i + 1));
            (shuffled[i], shuffled[j]) = (shuffled[j], shuffled[i]);
        }

        return shuffled;
    }

    // Marsaglia 2003, xorshift of 32 bits.
    private uint Random()
    {
        _state ^= _state << 13;
        _state ^= _state >> 17;
        _state ^= _state << 5;
        return _state;
    }

    private static double[] Quantiles(int count)
    {
        double[] quantiles = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            quantiles[i] = Quantile((i + 0.5) / count);
            sum += quantiles[i] * quantiles[i];
        }

        for (int i = 0; i < count; i++)
        {
            quantiles[i] /= Math.Sqrt(sum / count);
        }

        return quantiles;
    }

    // By bisection, which is exact enough and needs no coefficients.
    private static double Quantile(double probability)
    {
        double low = -9;
        double high = 9;
        for (int i = 0; i < 40; i++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = SpecialFunctions.NormalCumulative(middle) < probability ? (middle, high) : (low, middle);
        }

        return 0.5 * (low + high);
    }
}
