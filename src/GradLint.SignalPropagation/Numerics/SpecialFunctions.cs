using System;

namespace GradLint.SignalPropagation;

/// <summary>The elementary functions that netstandard2.0 lacks, accurate to about 1e-15 relative, also near zero.</summary>
internal static class SpecialFunctions
{
    private const double TwoOverSqrtPi = 1.1283791670955126;
    private const double InverseSqrtTwoPi = 0.3989422804014327;

    /// <summary>exp(x) - 1 without cancellation (Kahan's formula).</summary>
    public static double ExpM1(double x)
    {
        if (Math.Abs(x) < 1e-5)
        {
            return x * (1 + (x / 2 * (1 + (x / 3))));
        }

        double e = Math.Exp(x);
        double minusOne = e - 1;
        return minusOne == -1 || double.IsInfinity(e) || Math.Abs(x) > 1 ? minusOne : minusOne * x / Math.Log(e);
    }

    /// <summary>ln(1 + x) without cancellation.</summary>
    public static double LogP1(double x)
    {
        double onePlus = 1 + x;
        return onePlus == 1 ? x : Math.Log(onePlus) * x / (onePlus - 1);
    }

    /// <summary>ln(exp(a) + exp(b)).</summary>
    public static double LogAdd(double a, double b)
    {
        double high = Math.Max(a, b);
        return double.IsNegativeInfinity(high) || double.IsPositiveInfinity(high) ? high : high + LogP1(Math.Exp(Math.Min(a, b) - high));
    }

    /// <summary>E ln x for x of mean 1 from a gamma distribution: psi(a) - ln a, about -1 / 2a. A chi-square of k degrees has a = k / 2, and its relative variance is 1 / a.</summary>
    public static double MeanLnGamma(double shape)
    {
        double sum = -Math.Log(shape);
        while (shape < 8)
        {
            sum -= 1 / shape;
            shape++;
        }

        double inverse = 1 / shape;
        double square = inverse * inverse;
        return sum + Math.Log(shape) - (0.5 * inverse) - (square * ((1.0 / 12) - (square * ((1.0 / 120) - (square / 252)))));
    }

    /// <summary>The logistic function 1 / (1 + exp(-x)).</summary>
    public static double Logistic(double x)
    {
        if (x >= 0)
        {
            return 1 / (1 + Math.Exp(-x));
        }

        double e = Math.Exp(x);
        return e / (1 + e);
    }

    /// <summary>ln(1 + exp(x)).</summary>
    public static double Softplus(double x) => x > 0 ? x + LogP1(Math.Exp(-x)) : LogP1(Math.Exp(x));

    /// <summary>The standard normal density.</summary>
    public static double NormalDensity(double z) => InverseSqrtTwoPi * Math.Exp(-0.5 * z * z);

    /// <summary>The standard normal distribution function.</summary>
    public static double NormalCumulative(double z) => 0.5 * Erfc(-z / Math.Sqrt(2));

    /// <summary>The complementary error function.</summary>
    public static double Erfc(double x)
    {
        if (x < 0)
        {
            return 2 - Erfc(-x);
        }

        return x < 2 ? 1 - ErfSeries(x) : x > 27 ? 0 : ErfcContinuedFraction(x);
    }

    // Kummer's series: erf x = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!
    private static double ErfSeries(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; term > 1e-17 * sum; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return TwoOverSqrtPi * Math.Exp(-x * x) * sum;
    }

    // Laplace's continued fraction, evaluated from its tail, which converges the faster the larger x is.
    private static double ErfcContinuedFraction(double x)
    {
        double fraction = 0;
        for (int k = (int)(15 + (140 / (x * x))); k >= 1; k--)
        {
            fraction = 0.5 * k / (x + fraction);
        }

        return Math.Exp(-x * x) / ((x + fraction) * Math.Sqrt(Math.PI));
    }
}
