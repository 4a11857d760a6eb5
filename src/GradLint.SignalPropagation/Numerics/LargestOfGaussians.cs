using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>The largest of N independent Gaussians, as nodes with weights: its density goes as phi Phi^(N-1).</summary>
internal sealed class LargestOfGaussians
{
    /// <summary>A weight below this share of the whole changes nothing in a double.</summary>
    private const double Negligible = 1e-17;

    /// <summary>Where one part of a sum varies no more than the other, so many nodes are enough for it: the other smooths the activation.</summary>
    private const int FewCount = 8;

    private static readonly GaussianQuadrature s_rule = GaussianQuadrature.For(0, 3, new double[] { 0 });
    private static readonly double[] s_cumulative = s_rule.Nodes.Select(SpecialFunctions.NormalCumulative).ToArray();

    private LargestOfGaussians((double Z, double Weight)[] many)
    {
        double mean = many.Sum(node => node.Weight * node.Z);
        (Many, Few) = (many, FewNodes.Of(many, FewCount));
        Deviation = Math.Sqrt(many.Sum(node => node.Weight * (node.Z - mean) * (node.Z - mean)));
    }

    /// <summary>A single Gaussian: what the N have in common.</summary>
    public static (double Z, double Weight)[] Common { get; } = Normalized(s_rule.Nodes.Select((z, i) => (z, s_rule.Weights[i])));

    /// <summary>The same by few nodes.</summary>
    public static (double Z, double Weight)[] FewCommon { get; } = FewNodes.Of(Common, FewCount);

    /// <summary>By so many nodes that any activation is integrated well.</summary>
    public (double Z, double Weight)[] Many { get; }

    /// <summary>By few.</summary>
    public (double Z, double Weight)[] Few { get; }

    /// <summary>The standard deviation.</summary>
    public double Deviation { get; }

    /// <summary>The distribution for N, which need not be whole.</summary>
    public static LargestOfGaussians Of(double n) => new(Normalized(s_rule.Nodes.Select((z, i) => (z, s_rule.Weights[i] * Math.Pow(s_cumulative[i], n - 1)))));

    private static (double Z, double Weight)[] Normalized(IEnumerable<(double Z, double Weight)> nodes)
    {
        (double Z, double Weight)[] all = nodes.ToArray();
        double total = all.Sum(node => node.Weight);
        return all.Where(node => node.Weight > Negligible * total).Select(node => (node.Z, node.Weight / total)).ToArray();
    }
}
