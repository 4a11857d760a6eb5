using System;

namespace GradLint.SignalPropagation;

/// <summary>
/// What all layers with a matrix of independent weights share: the recursions of q, c, p and r, with the rank-one part of weights that are not centred.
/// </summary>
internal static class WeightMatrix
{
    /// <summary>q' = n v q + Var b, c' = n v c + Var b, and the common mode n w m + b of weights and biases of mean w and b.</summary>
    /// <param name="step">The layer and its input.</param>
    /// <param name="inputs">n, the number of inputs that are summed.</param>
    /// <param name="weight">The weights' distribution.</param>
    /// <param name="bias">The biases' distribution.</param>
    /// <param name="fans">The fans that the initializers divide by.</param>
    /// <param name="shape">The shape of the output.</param>
    /// <param name="axis">The axis of the output's units.</param>
    public static Signal Forward(Step step, double inputs, Initializer weight, Initializer? bias, Fans fans, Shape shape, UnitAxis axis)
    {
        Signal x = step.Input;
        (double v, double w) = Moments(weight, fans);
        (double biasVariance, double biasMean) = bias is null ? (0, 0) : Moments(bias, fans);
        double gain = inputs * v;
        double common = CommonGain(inputs, w, x.UnitCorrelation);
        double lnWeights = x.LnQ + Math.Log(gain + common);
        double lnBiases = Math.Log(biasVariance + (biasMean * biasMean));
        double lnQ = SpecialFunctions.LogAdd(lnWeights, lnBiases);
        if (double.IsNegativeInfinity(lnQ))
        {
            return Signal.Zero(shape, axis) with { Doubt = x.Doubt };
        }

        double ofWeights = Math.Exp(lnWeights - lnQ);
        double ofBiases = Math.Exp(lnBiases - lnQ);
        double perInput = gain / Math.Max(gain + common, double.Epsilon);
        double mean = (CommonMean(inputs, w, x) * Math.Exp(0.5 * (x.LnQ - lnQ))) + (biasMean == 0 ? 0 : biasMean * Math.Exp(-0.5 * lnQ));
        return x with
        {
            Shape = shape,
            Axis = axis,
            LnQ = lnQ,
            MeanRatio = Math.Max(-1, Math.Min(1, mean)),
            UnitCorrelation = Math.Min(1, ((1 - perInput) * ofWeights) + (biasMean == 0 ? 0 : biasMean * biasMean * Math.Exp(-lnQ))),
            Correlation = x.Correlation.Map(c => (ofWeights * ((perInput * c) + ((1 - perInput) * CommonCorrelation(inputs, x.MeanRatio, x.UnitCorrelation, c)))) + ofBiases),
            Profile = x.Profile?.Damped(ofWeights),
            Fluctuation = x.Fluctuation * ofWeights * ofWeights,
            BatchFluctuation = x.BatchFluctuation * ofWeights * ofWeights,
            Doubt = x.Doubt * ofWeights,
            Ahead = x.Ahead * ofWeights,
            Isometry = weight.IsOrthogonal ? Math.Min(1, Outputs(step, shape, axis) / inputs) * ofWeights : 0,
            CorrelationVariance = x.CorrelationVariance * ofWeights * ofWeights,
        };
    }

    /// <summary>p = n v p', r = n v r', with n the outputs that each input feeds, and the common mode of weights that are not centred.</summary>
    /// <param name="step">The layer and its input.</param>
    /// <param name="inputs">How many inputs are summed forward.</param>
    /// <param name="outputs">How many outputs each input feeds.</param>
    /// <param name="weight">The weights' distribution.</param>
    /// <param name="fans">The fans that the initializers divide by.</param>
    /// <param name="gradient">The gradient at the output.</param>
    public static Gradient Backward(Step step, double inputs, double outputs, Initializer weight, Fans fans, Gradient gradient)
    {
        Signal x = step.Input;
        (double v, double w) = Moments(weight, fans);
        double gain = outputs * v;
        double common = CommonGain(outputs, w, gradient.MeanRatio == 0 ? gradient.UnitCorrelation : Math.Min(1, Math.Max(gradient.UnitCorrelation, gradient.MeanRatio * gradient.MeanRatio)));

        // dL/dx = kappa x + ..., kappa = n_out Var W E[d(dL/dz)/dz]: relative to the incoherent part, alignment^2 n_out Var W q_x / q_z.
        double aligned = gradient.Alignment * gradient.Alignment * gain * Math.Exp(x.LnQ - step.Output.LnQ);
        aligned = double.IsNaN(aligned) || double.IsInfinity(aligned) ? 0 : aligned;
        double kept = weight.IsOrthogonal ? Math.Min(1, inputs / outputs) : 0; // of an isometry the aligned part is a part of the whole, not on top of it
        double total = (gain * (1 + (aligned * (1 - kept)))) + common;
        if (total <= 0)
        {
            return Gradient.None(x.Shape);
        }

        double ofWeights = Math.Exp(x.LnQ - step.Output.LnQ) * ((inputs * v) + CommonGain(inputs, w, x.UnitCorrelation));
        double units = step.Context.Units(x);
        double noise = step.Context.Mix(x, 2, gradient.Correlation.Map(r => 2 * r * r)) / units * Looseness(weight, inputs, outputs);
        double incoherent = 1 - Math.Min(1, gain * aligned / total);
        double alignment = Math.Sign(gradient.Alignment) * Math.Sqrt(gain * aligned / total);
        return gradient with
        {
            Shape = x.Shape,
            LnP = gradient.LnP + Math.Log(total) - (0.5 * noise),
            MeanRatio = Math.Max(-1, Math.Min(1, (outputs * w * gradient.MeanRatio / Math.Sqrt(total)) + (alignment * x.MeanRatio))),
            UnitCorrelation = common / total,
            Correlation = gradient.Correlation.Zip(x.Correlation, (r, c) => (incoherent * r) + ((1 - incoherent) * c)),
            Alignment = alignment,
            OwnAlignment = 0,
            CorrelationSlope = gradient.CorrelationSlope.Map(slope => (slope * incoherent * ofWeights) + (1 - incoherent)),
            OfNorm = gradient.OfNorm.Plus(noise).Damped(ofWeights),
            OfGrowth = gradient.OfGrowth.Plus(noise).Damped(ofWeights),
        };
    }

    /// <summary>ln of the sum over all pairs of samples and positions of r c, per weight: what one element of dL/dW has as its second moment.</summary>
    public static double LnGradientPerWeight(Step step, Gradient gradient) => LnGradientPerWeight(step, gradient, step.Input.CorrelationVariance);

    /// <summary>The same, with the variance of c / q over what the weights read.</summary>
    public static double LnGradientPerWeight(Step step, Gradient gradient, double correlationVariance)
    {
        Signal x = step.Input;
        double ofMeans = Math.Max(1e-12, step.Context.Mix(step.Output, 1, x.Correlation.Times(gradient.Correlation)));
        double ofFluctuations = step.Context.Mix(step.Output, 0, gradient.CorrelationSlope.Map(slope => slope * correlationVariance));
        double pairs = step.Context.Count(step.Output) * ofMeans * Corrected(ofFluctuations / ofMeans);
        // A sample's own pair counts more than the product of the means where its gradient reacts to its size.
        double together = gradient.OfNorm.Sensitivity * Math.Min(1, x.Spread);
        double lnTogether = Math.Log(1 + ((Math.Exp(together) - 1) / Math.Max(1, pairs)));
        return gradient.LnP + x.LnBatchQ + lnTogether + Math.Log(step.Context.Count(step.Output)) + Math.Log(Math.Max(pairs, 1e-12));
    }

    private static double Outputs(Step step, Shape shape, UnitAxis axis) => step.Context.Width(axis == UnitAxis.Last ? shape.Last : shape.First);

    // E r c over pairs is the product of the means, and what their common fluctuation adds. That is a first order: a sum of squares, which this is, cannot be taken below zero by it.
    private static double Corrected(double added) => added >= -0.5 ? 1 + added : -0.25 / added;

    private static (double Variance, double Mean) Moments(Initializer initializer, Fans fans)
    {
        if (!initializer.IsKnown)
        {
            throw new PredictionStopException(initializer is UnknownInitializer unknown ? unknown.Reason : "its initialization is unknown");
        }

        (double variance, double mean) = (initializer.Variance(fans), initializer.Mean(fans));
        return variance is >= 0 and <= LargestMoment && Math.Abs(mean) <= LargestMoment // NaN fails
            ? (variance, mean)
            : throw new PredictionStopException("its weights are not finite");
    }

    // Far beyond float32, and small enough for products of two.
    private const double LargestMoment = 1e100;

    // E (w sum x)^2 / q = w^2 (n (1 - u) + n^2 u) for units of correlation u: what the rank-one part of the weights adds, the same for every unit.
    private static double CommonGain(double count, double w, double u) => w == 0 ? 0 : w * w * count * Math.Max(0, 1 - u + (count * u));

    // The mean of w sum x, relative to the root of q: where the units have a common sign, most of their common part has it too.
    private static double CommonMean(double count, double w, Signal x) =>
        x.MeanRatio * x.MeanRatio > 0.25 * x.UnitCorrelation
            ? Math.Sign(w * x.MeanRatio) * Math.Sqrt(CommonGain(count, w, x.UnitCorrelation))
            : count * w * x.MeanRatio;

    // The correlation over samples of w sum x: that of a unit where units are independent, towards 1 where their means add up.
    private static double CommonCorrelation(double count, double meanRatio, double u, double c)
    {
        double mu2 = meanRatio * meanRatio;
        double own = (c - mu2) / Math.Max(1e-12, 1 - mu2);
        double randomPart = 1 - u + (count * (u - mu2));
        return ((own * randomPart) + (count * mu2)) / (randomPart + (count * mu2));
    }

    // Orthonormal columns keep the norm exactly; orthonormal rows lose the part that a projection loses.
    private static double Looseness(Initializer weight, double inputs, double outputs) =>
        !weight.IsOrthogonal ? 1 : outputs <= inputs ? 0 : 1 - (inputs / outputs);
}
