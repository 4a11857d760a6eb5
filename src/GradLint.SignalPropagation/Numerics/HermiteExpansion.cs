using System;

namespace GradLint.SignalPropagation;

/// <summary>
/// g(z) = sum_k a_k he_k(z) in normalized Hermite polynomials, z ~ N(0, 1): the two-point function E g(z) g(z') at correlation rho is then
/// sum_k a_k^2 rho^k (Mehler's formula), with no nested quadrature.
/// </summary>
internal sealed class HermiteExpansion
{
    private const int Degree = 40;
    private static readonly double[] s_roots = Roots(k => Math.Sqrt(k));
    private static readonly double[] s_inverseRoots = Roots(k => k == 0 ? 0 : 1 / Math.Sqrt(k));
    private readonly double[] _energies = new double[Degree + 1];
    private readonly double _tail;

    private HermiteExpansion(double[] coefficients, double secondMoment)
    {
        double explained = 0;
        for (int k = 0; k <= Degree; k++)
        {
            _energies[k] = coefficients[k] * coefficients[k];
            explained += _energies[k];
        }

        SecondMoment = secondMoment;
        _tail = Math.Max(0, secondMoment - explained);
    }

    /// <summary>E g^2.</summary>
    public double SecondMoment { get; }

    /// <summary>Expands several functions, given by their values at the nodes of a quadrature.</summary>
    public static HermiteExpansion[] Of(GaussianQuadrature rule, params double[][] functions)
    {
        double[][] weighted = new double[functions.Length][];
        double[][] coefficients = new double[functions.Length][];
        double[] secondMoments = new double[functions.Length];
        for (int f = 0; f < functions.Length; f++)
        {
            weighted[f] = new double[rule.Nodes.Length];
            coefficients[f] = new double[Degree + 1];
            for (int i = 0; i < rule.Nodes.Length; i++)
            {
                weighted[f][i] = rule.Weights[i] * functions[f][i];
                secondMoments[f] += weighted[f][i] * functions[f][i];
            }
        }

        // Degree by degree at all nodes, so that no node's polynomial waits for its own lower one.
        double[] lower = new double[rule.Nodes.Length];
        double[] polynomial = new double[rule.Nodes.Length];
        for (int k = 0; k <= Degree; k++)
        {
            (lower, polynomial) = (polynomial, lower);
            Raise(k, rule.Nodes, lower, polynomial);
            for (int f = 0; f < functions.Length; f++)
            {
                coefficients[f][k] = Product(weighted[f], polynomial);
            }
        }

        HermiteExpansion[] expansions = new HermiteExpansion[functions.Length];
        for (int f = 0; f < functions.Length; f++)
        {
            expansions[f] = new HermiteExpansion(coefficients[f], secondMoments[f]);
        }

        return expansions;
    }

    /// <summary>E g(z) g(z') for z, z' of correlation rho in [-1, 1].</summary>
    public double TwoPoint(double rho)
    {
        if (rho >= 1)
        {
            return SecondMoment;
        }

        // Horner's scheme in rho^4: four sums that need not wait for each other.
        double square = rho * rho;
        double fourth = square * square;
        (double zero, double one, double two, double three) = (_energies[Degree], 0, 0, 0);
        for (int k = Degree - 4; k >= 0; k -= 4)
        {
            zero = (zero * fourth) + _energies[k];
            one = (one * fourth) + _energies[k + 1];
            two = (two * fourth) + _energies[k + 2];
            three = (three * fourth) + _energies[k + 3];
        }

        return zero + (rho * one) + (square * (two + (rho * three))) + (rho > 0 ? Tail(fourth) : 0);
    }

    // What the degrees kept do not explain lies in higher ones: as rho^(2 Degree) = rho^80, which is
    // exact at rho = 1 and negligible away from it. Even and odd ones cancel at rho = -1.
    private double Tail(double fourth)
    {
        double sixteenth = fourth * fourth * fourth * fourth;
        double thirtySecond = sixteenth * sixteenth;
        return _tail * thirtySecond * thirtySecond * sixteenth;
    }

    // he_k from he_(k-1) and, in the place of the result, he_(k-2): he_0 = 1, he_1 = z, he_k = (z he_(k-1) - sqrt(k-1) he_(k-2)) / sqrt(k)
    private static void Raise(int k, double[] nodes, double[] lower, double[] result)
    {
        double root = k == 0 ? 0 : s_roots[k - 1];
        for (int i = 0; i < nodes.Length; i++)
        {
            result[i] = k == 0 ? 1 : ((nodes[i] * lower[i]) - (root * result[i])) * s_inverseRoots[k];
        }
    }

    private static double Product(double[] a, double[] b)
    {
        double even = 0;
        double odd = 0;
        int i = 0;
        for (; i + 1 < a.Length; i += 2)
        {
            even += a[i] * b[i];
            odd += a[i + 1] * b[i + 1];
        }

        return even + odd + (i < a.Length ? a[i] * b[i] : 0);
    }

    private static double[] Roots(Func<int, double> root)
    {
        double[] roots = new double[Degree + 2];
        for (int k = 0; k < roots.Length; k++)
        {
            roots[k] = root(k);
        }

        return roots;
    }
}
