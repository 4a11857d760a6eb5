using System;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>The largest of N correlated Gaussians, seen through the activation before the pool.</summary>
internal static class Maximum
{
    private static readonly (double Z, double Weight)[] s_nothingInCommon = { (0, 1) };

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
            CorrelationVariance = Averaging.Variance(x, mean2),
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

    // The way back asks for the same as the way there.
    private static (double LnSquare, double Mean, double Slope) Moments(Step step, double n) => step.Maximum ??= OfOutput(step.Context.Steps[step.Node.Inputs[0]], n);

    // The maximum is that of Gaussians where they are: units that are joined keep a distribution of their own.
    private static (double LnSquare, double Mean, double Slope) OfOutput(Step step, double n) => step.Node.Layer switch
    {
        ConcatLayer => OfJoined(step, n),
        MaxPoolLayer pool when !step.IsAssumed => OfMaxima(step, pool.ElementsOfWindows(step, n)),
        ActivationLayer activation => OfGaussian(step.Context, activation.Function, step.Input, n),
        _ => OfGaussian(step.Context, Activation.Identity, step.Output, n),
    };

    // A pool over a pool reads a larger window; the first one has the slope at its maxima already.
    private static (double LnSquare, double Mean, double Slope) OfMaxima(Step first, double n)
    {
        (double lnSquare, double mean, double slope) = OfOutput(Before(first, 0), n);
        return (lnSquare, mean, slope / Math.Max(1e-300, first.Maximum!.Value.Slope));
    }

    private static (double LnSquare, double Mean, double Slope) OfJoined(Step step, double n)
    {
        double all = step.Context.Units(step.Output);
        double[] shares = step.Inputs.Select(input => step.Context.Units(input) / all).ToArray();
        (double LnSquare, double Mean, double Slope)[] own = shares.Select((_, i) => OfOutput(Before(step, i), n)).ToArray();
        double lnSquare = own.Select((one, i) => one.LnSquare + Math.Log(shares[i])).Aggregate(SpecialFunctions.LogAdd);
        return (lnSquare, own.Select((one, i) => shares[i] * one.Mean * Math.Exp(0.5 * (one.LnSquare - lnSquare))).Sum(), own.Select((one, i) => shares[i] * one.Slope).Sum());
    }

    private static Step Before(Step step, int input) => step.Context.Steps[step.Node.Inputs[input]];

    // What a function without a scale makes of a signal does not depend on the size of that.
    private static (double LnSquare, double Mean, double Slope) OfGaussian(PropagationContext context, Activation f, Signal u, double n)
    {
        double lnScale = f.IsHomogeneous ? u.LnQ : 0;
        (double lnSquare, double mean, double slope) = context.Maximum(f, u with { LnQ = u.LnQ - lnScale }, n, OfGaussian);
        return (lnSquare + lnScale, mean, slope);
    }

    // ln E f(M)^2, E f(M) over its root, and E f'(M)^2 / E f'^2, with M = m + s (sqrt rho z0 + sqrt(1 - rho) max of N).
    private static (double LnSquare, double Mean, double Slope) OfGaussian(Activation f, Signal u, LargestOfGaussians largest)
    {
        double root = Math.Exp(0.5 * Math.Max(-300, Math.Min(300, u.LnQ)));
        double mean = u.MeanRatio * root;
        double deviation = root * Math.Sqrt(Math.Max(1e-12, 1 - (u.MeanRatio * u.MeanRatio)));
        double rho = Math.Max(0, Math.Min(1, u.DeviationCorrelation.Position));
        double common = Math.Sqrt(rho);
        double own = Math.Sqrt(1 - rho);
        double square = 0;
        double first = 0;
        double slope = 0;
        bool isMostlyCommon = common > own * largest.Deviation;
        foreach ((double shared, double outer) in rho < 1e-9 ? s_nothingInCommon : isMostlyCommon ? LargestOfGaussians.Common : LargestOfGaussians.FewCommon)
        {
            double centre = mean + (deviation * common * shared);
            foreach ((double z, double inner) in isMostlyCommon ? largest.Few : largest.Many)
            {
                double weight = outer * inner;
                double at = centre + (deviation * own * z);
                double value = f.Value(at);
                double d = f.Slope(at);
                square += weight * value * value;
                first += weight * value;
                slope += weight * d * d;
            }
        }

        double plain = 0;
        foreach ((double z, double weight) in LargestOfGaussians.Common)
        {
            double d = f.Slope(mean + (deviation * z));
            plain += weight * d * d;
        }

        return (Math.Log(square), first / Math.Sqrt(Math.Max(1e-300, square)), slope / Math.Max(1e-300, plain));
    }
}
