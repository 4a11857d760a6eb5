using System;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// The Gauss rule of a few nodes for the distribution that a rule of many nodes stands for: exact for polynomials up to degree 2 K - 1, and so for functions that are smooth over the width of the distribution.
/// </summary>
/// <remarks>
/// Orthogonal polynomials of the distribution by Stieltjes' procedure (Gautschi 2004, Orthogonal Polynomials, section 2.2); the nodes are the roots of the one of degree K, between each two of which lies one
/// of the next lower degree.
/// </remarks>
internal static class FewNodes
{
    // Of 64 halvings nothing is left in a double.
    private const int Halvings = 64;

    /// <summary>K nodes with weights that sum to 1.</summary>
    /// <param name="many">The rule of many nodes, with weights that sum to 1.</param>
    /// <param name="count">K.</param>
    public static (double Z, double Weight)[] Of((double Z, double Weight)[] many, int count)
    {
        (double[] a, double[] b) = Recursion(many, count);
        double[] roots = Array.Empty<double>();
        double low = many.Min(node => node.Z);
        double high = many.Max(node => node.Z);
        for (int degree = 1; degree <= count; degree++)
        {
            double[] bounds = roots.Prepend(low).Append(high).ToArray();
            roots = Enumerable.Range(0, degree).Select(i => Root(a, b, degree, bounds[i], bounds[i + 1])).ToArray();
        }

        return roots.Select(z => (z, Weight(a, b, count, z))).ToArray();
    }

    // p_(k+1) = (z - a_k) p_k - b_k p_(k-1), with a_k = E z p_k^2 / E p_k^2 and b_k = E p_k^2 / E p_(k-1)^2.
    private static (double[] A, double[] B) Recursion((double Z, double Weight)[] many, int count)
    {
        (double[] a, double[] b) = (new double[count], new double[count]);
        (double[] lower, double[] polynomial) = (new double[many.Length], many.Select(_ => 1.0).ToArray());
        double before = 1;
        for (int k = 0; k < count; k++)
        {
            double square = 0;
            double first = 0;
            for (int i = 0; i < many.Length; i++)
            {
                double weight = many[i].Weight * polynomial[i] * polynomial[i];
                square += weight;
                first += weight * many[i].Z;
            }

            (a[k], b[k]) = (first / square, k == 0 ? 0 : square / before);
            before = square;
            for (int i = 0; i < many.Length; i++)
            {
                (lower[i], polynomial[i]) = (polynomial[i], ((many[i].Z - a[k]) * polynomial[i]) - (b[k] * lower[i]));
            }
        }

        return (a, b);
    }

    private static double Root(double[] a, double[] b, int degree, double low, double high)
    {
        bool risesAtLow = Value(a, b, degree, low) > 0;
        for (int i = 0; i < Halvings; i++)
        {
            double middle = 0.5 * (low + high);
            (low, high) = Value(a, b, degree, middle) > 0 == risesAtLow ? (middle, high) : (low, middle);
        }

        return 0.5 * (low + high);
    }

    private static double Value(double[] a, double[] b, int degree, double z)
    {
        (double lower, double value) = (0, 1);
        for (int k = 0; k < degree; k++)
        {
            (lower, value) = (value, ((z - a[k]) * value) - (b[k] * lower));
        }

        return value;
    }

    // The inverse of the sum of p_k(z)^2 / E p_k^2 (the Christoffel number).
    private static double Weight(double[] a, double[] b, int count, double z)
    {
        (double lower, double value, double norm, double sum) = (0, 1, 1, 1);
        for (int k = 0; k + 1 < count; k++)
        {
            (lower, value) = (value, ((z - a[k]) * value) - (b[k] * lower));
            norm *= b[k + 1];
            sum += value * value / norm;
        }

        return 1 / sum;
    }
}
