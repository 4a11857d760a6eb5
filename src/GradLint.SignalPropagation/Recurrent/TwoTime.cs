using System;

namespace GradLint.SignalPropagation;

/// <summary>A covariance over two times, for one sample and for two different ones.</summary>
internal sealed class TwoTime
{
    private const double Largest = 1e280;

    /// <summary>All zero.</summary>
    public TwoTime(int steps)
    {
        Same = new double[steps, steps];
        Cross = new double[steps, steps];
    }

    /// <summary>E a_t a_s of one sample.</summary>
    public double[,] Same { get; }

    /// <summary>E a_t a'_s of two samples.</summary>
    public double[,] Cross { get; }

    /// <summary>T.</summary>
    public int Steps => Same.GetLength(0);

    /// <summary>A covariance with mean 1 on the diagonal.</summary>
    public static TwoTime Of(int steps, Pairs correlation, Profile? profile)
    {
        double[] root = new double[steps];
        double[]? given = profile?.Axis(0);
        for (int t = 0; t < steps; t++)
        {
            // A profile of another length is that of a longer sequence, whose end is what counts.
            int place = given is null ? 0 : given.Length - steps + t;
            root[t] = given is null || place < 0 ? 1 : Math.Sqrt(given[place] * steps / given.Length);
        }

        TwoTime result = new(steps);
        result.Fill((t, s) => root[t] * root[s] * (t == s ? 1 : correlation.Position), (t, s) => root[t] * root[s] * (t == s ? correlation.Sample : correlation.Both));
        return result;
    }

    /// <summary>Sets every element; symmetric.</summary>
    public void Fill(Func<int, int, double> same, Func<int, int, double> cross)
    {
        for (int t = 0; t < Steps; t++)
        {
            for (int s = 0; s <= t; s++)
            {
                Set(Same, t, s, same(t, s));
                Set(Cross, t, s, cross(t, s));
            }
        }
    }

    /// <summary>Sets an element and its mirror image, within range.</summary>
    public static void Set(double[,] matrix, int t, int s, double value) => matrix[t, s] = matrix[s, t] = Math.Max(-Largest, Math.Min(Largest, value));

    /// <summary>All elements times a factor.</summary>
    public TwoTime Scaled(double factor)
    {
        TwoTime result = new(Steps);
        result.Fill((t, s) => factor * Same[t, s], (t, s) => factor * Cross[t, s]);
        return result;
    }

    /// <summary>The same with time running backwards.</summary>
    public TwoTime Reversed()
    {
        TwoTime result = new(Steps);
        result.Fill((t, s) => Same[Steps - 1 - t, Steps - 1 - s], (t, s) => Cross[Steps - 1 - t, Steps - 1 - s]);
        return result;
    }

    /// <summary>The sum.</summary>
    public TwoTime Plus(TwoTime other)
    {
        TwoTime result = new(Steps);
        result.Fill((t, s) => Same[t, s] + other.Same[t, s], (t, s) => Cross[t, s] + other.Cross[t, s]);
        return result;
    }

    /// <summary>The mean over time of E a_t^2.</summary>
    public double MeanDiagonal()
    {
        double sum = 0;
        for (int t = 0; t < Steps; t++)
        {
            sum += Same[t, t] / Steps;
        }

        return sum;
    }

    /// <summary>The correlations, averaged over times.</summary>
    public Pairs Correlations()
    {
        double q = Math.Max(1e-300, MeanDiagonal());
        double sample = 0;
        double position = 0;
        double both = 0;
        for (int t = 0; t < Steps; t++)
        {
            for (int s = 0; s < Steps; s++)
            {
                sample += t == s ? Cross[t, s] : 0;
                position += t == s ? 0 : Same[t, s];
                both += t == s ? 0 : Cross[t, s];
            }
        }

        double pairs = Math.Max(1, Steps * (Steps - 1));
        return new Pairs(sample / Steps / q, position / pairs / q, both / pairs / q);
    }

    /// <summary>How E a_t^2 varies over time.</summary>
    public Profile Profile()
    {
        double[] diagonal = new double[Steps];
        for (int t = 0; t < Steps; t++)
        {
            diagonal[t] = Same[t, t];
        }

        return GradLint.SignalPropagation.Profile.Of(diagonal);
    }
}
