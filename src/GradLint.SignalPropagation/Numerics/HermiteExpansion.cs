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
        double[][] coefficients = new double[functions.Length][];
        double[] secondMoments = new double[functions.Length];
        for (int f = 0; f < functions.Length; f++)
        {
            coefficients[f] = new double[Degree + 1];
        }

        double[] polynomials = new double[Degree + 1];
        for (int i = 0; i < rule.Nodes.Length; i++)
        {
            Polynomials(rule.Nodes[i], polynomials);
            for (int f = 0; f < functions.Length; f++)
            {
                double weighted = rule.Weights[i] * functions[f][i];
                secondMoments[f] += weighted * functions[f][i];
                double[] target = coefficients[f];
                for (int k = 0; k < polynomials.Length; k++)
                {
                    target[k] += weighted * polynomials[k];
                }
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

        // What the degrees kept do not explain lies in higher ones: as rho^(2 Degree), which is
        // exact at rho = 1 and negligible away from it. Even and odd ones cancel at rho = -1.
        double sum = _energies[0] + (rho > 0 ? _tail * Math.Pow(rho, 2 * Degree) : 0);
        double power = 1;
        for (int k = 1; k <= Degree; k++)
        {
            power *= rho;
            sum += _energies[k] * power;
        }

        return sum;
    }

    // he_(k+1) = (z he_k - sqrt(k) he_(k-1)) / sqrt(k+1)
    private static void Polynomials(double z, double[] polynomials)
    {
        polynomials[0] = 1;
        polynomials[1] = z;
        for (int k = 1; k < Degree; k++)
        {
            polynomials[k + 1] = ((z * polynomials[k]) - (s_roots[k] * polynomials[k - 1])) * s_inverseRoots[k + 1];
        }
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
