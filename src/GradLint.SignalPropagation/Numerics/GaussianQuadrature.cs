using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>
/// Nodes and weights for E g(m + s z), z ~ N(0, 1): Gauss-Legendre panels on [-9, 9], split at the kinks of g and refined where g bends.
/// </summary>
/// <remarks>
/// A Gauss-Hermite rule across a kink is wrong by O(1/n), and a uniform grid misses the bend of tanh(s z) when s is large.
/// Here no panel holds a kink, and panels shrink geometrically towards the bend, so that ten nodes per panel are exact to about 1e-10 for every s.
/// </remarks>
internal sealed class GaussianQuadrature
{
    private const double Reach = 9;
    private static readonly double[] s_fixedBreaks = { -Reach, -5, -3, -1.5, 0, 1.5, 3, 5, Reach };
    private static readonly double[] s_bends = { -32, -16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16, 32 };
    private static readonly double[] s_abscissas =
    {
        -0.9739065285171717, -0.8650633666889845, -0.6794095682990244, -0.4333953941292472, -0.1488743389816312,
        0.1488743389816312, 0.4333953941292472, 0.6794095682990244, 0.8650633666889845, 0.9739065285171717,
    };

    private static readonly double[] s_weights =
    {
        0.0666713443086881, 0.1494513491505806, 0.2190863625159820, 0.2692667193099964, 0.2955242247147529,
        0.2955242247147529, 0.2692667193099964, 0.2190863625159820, 0.1494513491505806, 0.0666713443086881,
    };

    private GaussianQuadrature(double[] nodes, double[] weights)
    {
        Nodes = nodes;
        Weights = weights;
    }

    /// <summary>The nodes z.</summary>
    public double[] Nodes { get; }

    /// <summary>The weights: the normal density times the panel's Gauss-Legendre weight. They sum to 1.</summary>
    public double[] Weights { get; }

    /// <summary>The rule for a function of m + s z that bends near the origin over a length of about 1 and has the given kinks.</summary>
    /// <param name="mean">m.</param>
    /// <param name="deviation">s, positive.</param>
    /// <param name="kinks">Arguments at which the function, or its derivative, is not smooth.</param>
    public static GaussianQuadrature For(double mean, double deviation, IReadOnlyList<double> kinks)
    {
        List<double> breaks = Breaks(mean, deviation, kinks);
        int panels = breaks.Count - 1;
        double[] nodes = new double[panels * s_abscissas.Length];
        double[] weights = new double[nodes.Length];
        double total = 0;
        for (int panel = 0, i = 0; panel < panels; panel++)
        {
            double half = 0.5 * (breaks[panel + 1] - breaks[panel]);
            double middle = 0.5 * (breaks[panel + 1] + breaks[panel]);
            for (int k = 0; k < s_abscissas.Length; k++, i++)
            {
                nodes[i] = middle + (half * s_abscissas[k]);
                weights[i] = half * s_weights[k] * SpecialFunctions.NormalDensity(nodes[i]);
                total += weights[i];
            }
        }

        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] /= total;
        }

        return new GaussianQuadrature(nodes, weights);
    }

    private static List<double> Breaks(double mean, double deviation, IReadOnlyList<double> kinks)
    {
        List<double> breaks = new(s_fixedBreaks);
        foreach (double bend in s_bends)
        {
            AddInside(breaks, (bend - mean) / deviation);
        }

        foreach (double kink in kinks)
        {
            AddInside(breaks, (kink - mean) / deviation);
        }

        breaks.Sort();
        return breaks;
    }

    private static void AddInside(List<double> breaks, double z)
    {
        if (z > -Reach && z < Reach && !breaks.Contains(z))
        {
            breaks.Add(z);
        }
    }
}
