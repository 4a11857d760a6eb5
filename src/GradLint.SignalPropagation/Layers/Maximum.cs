using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>The largest of N correlated Gaussians, seen through the activation before the pool.</summary>
internal static class Maximum
{
    private static readonly GaussianQuadrature s_common = GaussianQuadrature.For(0, 3, new double[] { 0 });

    /// <summary>The moments of f(max).</summary>
    /// <param name="step">The input.</param>
    /// <param name="n">N.</param>
    /// <param name="shared">The share of the pairs of outputs that have the same maximum: 0 where windows do not overlap.</param>
    public static Signal Forward(Step step, double n, double shared = 0)
    {
        Signal x = step.Input;
        (double lnSquare, double mean, _) = Moments(step, n);
        double mean2 = mean * mean;
        Pairs rho = x.DeviationCorrelation;
        return x with
        {
            LnQ = lnSquare,
            MeanRatio = mean,
            Correlation = new Pairs(rho.Sample, Averaging.Mixed(shared, 1, rho.Position), Averaging.Mixed(shared, rho.Sample, rho.Both)).Map(one => mean2 + ((1 - mean2) * one)),
        };
    }

    /// <summary>
    /// Each output's gradient goes to one input: p = p' times the outputs per input, times what the slope is more at the maximum than elsewhere. Where windows overlap, an input that is
    /// the maximum of one is that of others, too, and their gradients add up.
    /// </summary>
    /// <param name="step">The forward pass.</param>
    /// <param name="gradient">The gradient at the output.</param>
    /// <param name="n">N.</param>
    /// <param name="perInput">The number of outputs for each input.</param>
    /// <param name="again">The number of other windows whose maximum that of one window is.</param>
    public static Gradient Backward(Step step, Gradient gradient, double n, double perInput, double again)
    {
        (_, _, double slope) = Moments(step, n);
        double windows = Math.Max(1, perInput * n);
        Pairs r = gradient.Correlation;
        double summed = Math.Max(1 / windows, 1 + (again * r.Position));
        // Two samples agree on the place of the maximum by chance, and the more the more they are alike.
        Pairs agree = step.Input.DeviationCorrelation.Map(rho => (1 / n) + ((1 - (1 / n)) * rho * rho));
        double units = Math.Exp(0.5 * (step.Output.LnQ - step.Input.LnQ));
        double coherent = Math.Sqrt(windows / n / summed);
        return gradient with
        {
            LnP = gradient.LnP + Math.Log(perInput * slope * summed),
            Correlation = new Pairs(agree.Sample * (r.Sample + ((windows - 1) * r.Both)), windows / n * r.Position, agree.Both * windows * r.Both).Map(covariance => Math.Max(-1, Math.Min(1, covariance / summed))),
            MeanRatio = Math.Max(-1, Math.Min(1, gradient.MeanRatio * coherent)),
            Alignment = gradient.Alignment * Math.Min(1, units * coherent),
            CorrelationSlope = gradient.CorrelationSlope.Map(slope => slope / n * windows / summed),
        };
    }

    // ln E f(M)^2, E f(M) over its root, and E f'(M)^2 / E f'^2, with M = m + s (sqrt rho z0 + sqrt(1 - rho) max of N).
    private static (double LnSquare, double Mean, double Slope) Moments(Step step, double n)
    {
        GraphNode before = step.Context.Graph[step.Node.Inputs[0]];
        (Activation f, Signal u) = before.Layer is ActivationLayer activation
            ? (activation.Function, step.Context.Steps[before.Name].Input)
            : (Activation.Identity, step.Input);
        double lnScale = f.IsHomogeneous ? u.LnQ : 0;
        double root = Math.Exp(0.5 * Math.Max(-300, Math.Min(300, u.LnQ - lnScale)));
        double mean = u.MeanRatio * root;
        double deviation = root * Math.Sqrt(Math.Max(1e-12, 1 - (u.MeanRatio * u.MeanRatio)));
        double rho = Math.Max(0, Math.Min(1, u.DeviationCorrelation.Position));
        double square = 0;
        double first = 0;
        double slope = 0;
        double plain = 0;
        foreach ((double z, double weight) in Largest(n, rho))
        {
            double value = f.Value(mean + (deviation * z));
            double d = f.Slope(mean + (deviation * z));
            square += weight * value * value;
            first += weight * value;
            slope += weight * d * d;
        }

        for (int i = 0; i < s_common.Nodes.Length; i++)
        {
            double d = f.Slope(mean + (deviation * s_common.Nodes[i]));
            plain += s_common.Weights[i] * d * d;
        }

        return (Math.Log(square) + lnScale, first / Math.Sqrt(Math.Max(1e-300, square)), slope / Math.Max(1e-300, plain));
    }

    private static IEnumerable<(double Z, double Weight)> Largest(double n, double rho)
    {
        double[] weights = new double[s_common.Nodes.Length];
        double total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = s_common.Weights[i] * Math.Pow(SpecialFunctions.NormalCumulative(s_common.Nodes[i]), n - 1);
            total += weights[i];
        }

        double common = Math.Sqrt(rho);
        double own = Math.Sqrt(1 - rho);
        int stride = rho < 1e-9 ? s_common.Nodes.Length : 3;
        double outers = Outer(stride);
        for (int j = 0; j < s_common.Nodes.Length; j += stride)
        {
            double z0 = stride == 3 ? s_common.Nodes[j] : 0;
            double outer = stride == 3 ? s_common.Weights[j] : 1;
            for (int i = 0; i < weights.Length; i++)
            {
                yield return ((common * z0) + (own * s_common.Nodes[i]), outer * weights[i] / total / outers);
            }
        }
    }

    private static double Outer(int stride)
    {
        double sum = 0;
        for (int j = 0; stride == 3 && j < s_common.Nodes.Length; j += stride)
        {
            sum += s_common.Weights[j];
        }

        return stride == 3 ? sum : 1;
    }
}
