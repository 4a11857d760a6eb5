using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>The sum of its inputs: a residual connection.</summary>
/// <remarks>
/// q' = sum q_i + 2 sum of cross moments E x_i x_j (Yang and Schoenholz 2017, section 3), which are m_i m_j where the branches have weights of their own in between,
/// and those of the common unit where they have not. Backward, each input receives the gradient unchanged; what branches return is summed where they part.
/// </remarks>
public sealed record AddLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Add";

    /// <summary>A factor on the sum, 1 in every network: other values are for asking what the sum contributes.</summary>
    internal double Weight { get; init; } = 1;

    internal override (int Least, int Most) InputCount => (1, int.MaxValue);

    internal override bool KeepsUnits => true;

    internal override Signal Forward(Step step)
    {
        step.InputUnits = step.Context.OutsideActivations > 0 && step.Inputs.Count > 1 ? UnitCorrelation.UnitsOfInputs(step) : null;
        Signal sum = step.Inputs[0] with { Units = step.InputUnits?[0] };
        for (int i = 1; i < step.Inputs.Count; i++)
        {
            double covariance = 0; // over sqrt(q_i q_sum)
            Signal next = step.Inputs[i];
            for (int j = 0; j < i; j++)
            {
                double share = Math.Exp(0.5 * (step.Inputs[j].LnQ - sum.LnQ));
                covariance += (step.InputUnits is { } known ? known[j].Product(known[i]) : UnitCorrelation.Between(step, j, i)) * (double.IsNaN(share) ? 0 : share);
            }

            sum = WithUnits(Sum(step, sum, next, covariance), sum, next, step.InputUnits?[i]);
        }

        return sum with { LnQ = sum.LnQ + (2 * Math.Log(Weight)) };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        gradient = WithRandomMean(step, gradient);
        if (step.Output.Units is null || double.IsNegativeInfinity(gradient.LnP))
        {
            return step.Inputs.Select(input => ToBranch(gradient, input, step.Output)).ToArray();
        }

        Gradient byUnit = gradient.OfUnits(gradient.UnitsAlong(step.Output, step.Seed), step.Output);
        return step.Inputs.Select((input, i) => ToBranch(byUnit, input, step.Output).OfUnits(byUnit.Units!, input with { Units = step.InputUnits![i] })).ToArray();
    }

    // The moments of the sum over units that are followed one by one.
    private static Signal WithUnits(Signal sum, Signal before, Signal next, UnitPopulation? units)
    {
        if (units is null || before.Units is null)
        {
            return sum with { Units = null };
        }

        UnitPopulation both = before.Units.Combine(Math.Sqrt(Share(before.LnQ, sum.LnQ)), units, Math.Sqrt(Share(next.LnQ, sum.LnQ)), 0, out _);
        return sum with { Units = both, MeanRatio = both.Mean, Correlation = both.Correlation };
    }

    // Over n units the mean of a gradient is never 0 but of size sqrt(p / n), and where a branch ends in an activation that is enough to start what grows coherently.
    private static Gradient WithRandomMean(Step step, Gradient gradient)
    {
        double random = 1 / Math.Sqrt(step.Context.Units(step.Output));
        return Math.Abs(gradient.MeanRatio) >= random ? gradient : gradient with { MeanRatio = gradient.MeanRatio < 0 ? -random : random };
    }

    // The gradient is the same; the part of it that follows the sum follows each term by that term's share.
    private Gradient ToBranch(Gradient gradient, Signal input, Signal sum)
    {
        double share = Math.Min(1, Share(input.LnQ, sum.LnQ - (2 * Math.Log(Weight))));
        return gradient with
        {
            Shape = input.Shape,
            LnP = gradient.LnP + (2 * Math.Log(Weight)),
            Alignment = gradient.Alignment * Math.Sqrt(share),
            OfNorm = gradient.OfNorm.Damped(share),
            OfGrowth = gradient.OfGrowth.Damped(share),
        };
    }

    private static double Share(double lnPart, double lnWhole) => double.IsNegativeInfinity(lnPart) ? 0 : Math.Exp(lnPart - lnWhole);

    private static Signal Sum(Step step, Signal a, Signal b, double covariance)
    {
        double lnBoth = SpecialFunctions.LogAdd(a.LnQ, b.LnQ);
        if (double.IsNegativeInfinity(lnBoth))
        {
            return a;
        }

        double shareA = Share(a.LnQ, lnBoth);
        double shareB = Share(b.LnQ, lnBoth);
        double cross = Math.Sqrt(shareA * shareB);
        double total = Math.Max(1e-30, 1 + (2 * cross * covariance));
        double means = a.MeanRatio * b.MeanRatio;
        // The covariances of the branches come from the same samples and move together; the products of one branch with the other add noise of their own.
        double products = 2 * shareA * shareB * Math.Max(0, 1 - Math.Abs(covariance)) * (1 + (a.Correlation.Sample * b.Correlation.Sample)) / step.Context.Units(a);
        double noise = 4 * shareA * shareB / (total * total) * Math.Max(0, 1 - Math.Abs(covariance)) / step.Context.Units(a);
        return a with
        {
            LnQ = lnBoth + Math.Log(total) - (0.5 * noise),
            MeanRatio = Clamp(((a.MeanRatio * Math.Sqrt(shareA)) + (b.MeanRatio * Math.Sqrt(shareB))) / Math.Sqrt(total)),
            UnitCorrelation = Clamp(((shareA * a.UnitCorrelation) + (shareB * b.UnitCorrelation) + (2 * cross * means)) / total),
            Correlation = a.Correlation.Zip(b.Correlation, (c, d) =>
                Clamp(((shareA * c) + (shareB * d) + (2 * cross * Across(covariance, means, c, d))) / total)),
            Profile = Profile.OfSum(shareA, a.Profile, b.Profile),
            Fluctuation = (Square(shareA / total) * a.Fluctuation) + (Square(shareB / total) * b.Fluctuation) + noise,
            BatchFluctuation = (Square(shareA / total) * a.BatchFluctuation) + (Square(shareB / total) * b.BatchFluctuation) + noise,
            Doubt = ((shareA * a.Doubt) + (shareB * b.Doubt)) / total,
            Ahead = (shareA * a.Ahead) + (shareB * b.Ahead),
            CorrelationVariance = (Square((shareA * Math.Sqrt(a.CorrelationVariance)) + (shareB * Math.Sqrt(b.CorrelationVariance))) + products) / (total * total),
        };
    }

    // The cross moment over two samples: the means' product, and as much of the rest as the samples have in common.
    private static double Across(double covariance, double means, double c, double d) =>
        means + ((covariance - means) * Math.Sqrt(Math.Max(0, c * d)));

    private static double Square(double x) => x * x;

    private static double Clamp(double x) => Math.Max(-1, Math.Min(1, x));
}
