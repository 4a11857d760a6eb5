using System;

namespace GradLint.SignalPropagation;

/// <summary>
/// What an odd, saturating activation does to the random part that all units of a layer share, as weights that are not centred make it. Saturation leaves of it little more than a sign:
/// after a layer or two its size is the same for all samples, and no sample comes near 0 any more, where a Gaussian of the same second moment still has the slope.
/// </summary>
/// <remarks>
/// u = c + d, c common to the units and d each unit's own, Gaussian. c is taken for +-a + b z, with a from its kurtosis, 3 - 2 a^4 for a^2 + b^2 = 1. As f is odd, one sign is enough.
/// </remarks>
internal sealed class CommonMode : ActivationMoments
{
    private const double LeastShare = 0.05;
    private const double LargestMean = 0.01; // of weights without a mean of their own: rounding
    private const int Nodes = 24;
    private const double Reach = 4;

    private readonly ActivationMoments _gaussian;

    private CommonMode(Activation function, Signal u, ActivationMoments gaussian)
    {
        _gaussian = gaussian;
        double root = Math.Exp(0.5 * u.LnQ);
        double common = root * Math.Sqrt(Math.Min(1, u.UnitCorrelation));
        double own = Math.Max(1e-6 * root, root * Math.Sqrt(Math.Max(0, 1 - u.UnitCorrelation)));
        double fixedPart = common * u.CommonSize;
        double randomPart = common * Math.Sqrt(Math.Max(0, 1 - (u.CommonSize * u.CommonSize)));
        (double v, double d, double both, double slope, double h2, double h4, double total) = (0, 0, 0, 0, 0, 0, 0);
        for (int i = 0; i <= Nodes; i++)
        {
            double z = Reach * ((2.0 * i / Nodes) - 1);
            double weight = Math.Exp(-0.5 * z * z);
            double c = fixedPart + (randomPart * z);
            GaussianQuadrature rule = GaussianQuadrature.For(c, own, function.Kinks);
            double mean = 0;
            for (int k = 0; k < rule.Nodes.Length; k++)
            {
                double x = c + (own * rule.Nodes[k]);
                double value = function.Value(x);
                double prime = function.Slope(x);
                double w = weight * rule.Weights[k];
                mean += rule.Weights[k] * value;
                v += w * value * value;
                d += w * prime * prime;
                both += w * value * value * prime * prime;
                slope += w * value * prime * x;
            }

            h2 += weight * mean * mean;
            h4 += weight * mean * mean * mean * mean;
            total += weight;
        }

        LnV = Math.Log(v / total);
        LnD = Math.Log(d / total);
        SquareAndSlope = d > 0 ? both * total / (v * d) : 1;
        LnVSlope = slope / v;
        UnitCorrelation = Math.Min(1, h2 / v);
        Size = Math.Pow(Math.Max(0, Math.Min(1, 0.5 * (3 - (h4 * total / (h2 * h2))))), 0.25);
    }

    /// <summary>E f f' over two units / V.</summary>
    public double UnitCorrelation { get; }

    /// <summary>How far ln D may be off, as a variance: the batch's gradient is that of its few samples nearest to 0, which stay near it from layer to layer.</summary>
    public double Doubt => 0.25 * (_gaussian.LnD - LnD) * (_gaussian.LnD - LnD);

    /// <summary>a of what the units share after the activation.</summary>
    public double Size { get; }

    public override double LnV { get; }

    public override double LnD { get; }

    public override double LnVSlope { get; }

    public override double SquareAndSlope { get; }

    public override double MeanRatio => _gaussian.MeanRatio;

    public override double SlopeRatio => _gaussian.SlopeRatio;

    public override double CurvatureRatio => _gaussian.CurvatureRatio;

    public override double ValueAndSlope => _gaussian.ValueAndSlope;

    public override double ValueTimesSlope => _gaussian.ValueTimesSlope;

    public override double LnDSlope => _gaussian.LnDSlope;

    public override double LnVCurvature => 0;

    public override double LnDCurvature => 0;

    /// <summary>The moments where units share a random part that f saturates on; null elsewhere.</summary>
    public static CommonMode? Of(Activation function, Signal u, ActivationMoments gaussian) =>
        function.IsOddAndSaturates && Math.Abs(u.MeanRatio) < LargestMean && u.UnitCorrelation > LeastShare && Math.Abs(u.LnQ) < Activation.LargestLnQ ? new CommonMode(function, u, gaussian) : null;

    public override double C(double rho) => _gaussian.C(rho);

    public override double Dc(double rho) => _gaussian.Dc(rho);

    public override double SquareTwoPoint(double rho) => _gaussian.SquareTwoPoint(rho);

    public override double SquaredSlopeTwoPoint(double rho) => _gaussian.SquaredSlopeTwoPoint(rho);
}
