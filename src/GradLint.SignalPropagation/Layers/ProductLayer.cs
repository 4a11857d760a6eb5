using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>
/// The product, element by element, of two signals that are independent of each other, such as a gate and what it lets through. One of them may have a single
/// position, which then scales all positions of the other.
/// </summary>
/// <remarks>
/// q' = q_a q_b, c' = c_a c_b, m' = m_a m_b; backward p_a = p' q_b and r_a = r' c_b, p_b likewise, summed over the positions where b scales several. A gradient that follows the product
/// itself, kappa a b, is kappa a b^2 at a: its square has E b^4 instead of (E b^2)^2. Both factors usually come from one signal, so that what fluctuates there fluctuates twice here.
/// </remarks>
public sealed record ProductLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Product";

    internal override (int Least, int Most) InputCount => (2, 2);

    internal override Signal Forward(Step step)
    {
        (Signal wide, Signal narrow) = Ordered(step);
        Pairs other = Spread(step, narrow, wide);
        double shared = 2 * Math.Min(wide.Fluctuation, narrow.Fluctuation);
        double sharedByBatch = 2 * Math.Min(wide.BatchFluctuation, narrow.BatchFluctuation);
        double noise = Noise(step);
        double batchNoise = noise * step.Context.Mix(wide, 1, wide.Correlation.Times(other).Map(c => c * c));
        return wide with
        {
            LnQ = wide.LnQ + narrow.LnQ - (0.5 * noise),
            MeanRatio = wide.MeanRatio * narrow.MeanRatio,
            UnitCorrelation = wide.UnitCorrelation * narrow.UnitCorrelation,
            Correlation = wide.Correlation.Times(other),
            Fluctuation = wide.Fluctuation + narrow.Fluctuation + shared + noise,
            BatchFluctuation = wide.BatchFluctuation + narrow.BatchFluctuation + sharedByBatch + batchNoise,
            Doubt = wide.Doubt + narrow.Doubt,
            CorrelationVariance = (wide.CorrelationVariance * other.Sample * other.Sample) + (narrow.CorrelationVariance * wide.Correlation.Sample * wide.Correlation.Sample),
            Isometry = 0,
            Units = null,
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        Gradient[] gradients = new Gradient[2];
        for (int i = 0; i < gradients.Length; i++)
        {
            gradients[i] = ToInput(step, gradient, i);
        }

        return gradients;
    }

    private static Gradient ToInput(Step step, Gradient gradient, int index)
    {
        Signal input = step.Inputs[index];
        Signal factor = step.Inputs[1 - index];
        double coherent = Math.Min(1, gradient.Alignment * gradient.Alignment);
        double followed = 1 + (coherent * (Kurtosis(step, 1 - index) - 1));
        Pairs arriving = gradient.Correlation.Times(Spread(step, factor, input));
        double joined = Math.Max(1, step.Context.Positions(step.Output) / step.Context.Positions(input));
        double together = Math.Max(1 / joined, (1 + ((joined - 1) * arriving.Position)) / joined);
        return gradient with
        {
            Shape = input.Shape,
            LnP = gradient.LnP + factor.LnQ + Math.Log(joined * joined * together * followed) + OfSpread(gradient.OfNorm.Sensitivity, step),
            Alignment = gradient.Alignment / Math.Sqrt(followed),
            MeanRatio = gradient.MeanRatio * factor.MeanRatio,
            UnitCorrelation = gradient.UnitCorrelation * factor.UnitCorrelation,
            Correlation = joined > 1 ? new Pairs(arriving.Sample, 0, 0) : arriving,
            CorrelationSlope = gradient.CorrelationSlope.Times(factor.Correlation),
            Profile = joined > 1 ? null : gradient.Profile,
            Units = null,
            Doubt = gradient.Doubt + factor.Doubt,
            OfNorm = Twice(gradient.OfNorm),
            OfGrowth = Twice(gradient.OfGrowth),
        };
    }

    // p_a = p' q_b: ln q' reacts twice to a common source, and q_b once more.
    private static Fluctuation Twice(Fluctuation fluctuation) => fluctuation with { Sensitivity = (2 * fluctuation.Sensitivity) + 1 };

    // Samples of which the common source is larger weigh more: E exp(k d) over the batch, with k the sensitivity here, less what it is at the output.
    private static double OfSpread(double ahead, Step step)
    {
        double spread = Math.Min(step.Inputs[0].Spread, step.Inputs[1].Spread);
        return step.Context.LnBatchMean((2 * ahead) + 1, spread) - step.Context.LnBatchMean(2 * ahead, spread);
    }

    // E x^4 / (E x^2)^2 of an input: that of an activation, or of a Gaussian.
    private static double Kurtosis(Step step, int input) =>
        step.Context.Graph[step.Node.Inputs[input]] is { Layer: ActivationLayer activation } node
            ? step.Context.Moments(activation.Function, step.Context.Steps[node.Inputs[0]].Output).SquareTwoPoint(1)
            : 3;

    // n sum a^2 b^2 fluctuates by E a^4 E b^4 - 1 of its square; what activations add of it they have added already.
    private static double Noise(Step step)
    {
        double left = (Kurtosis(step, 0) * Kurtosis(step, 1)) - 1;
        for (int i = 0; i < 2; i++)
        {
            left -= step.Context.Graph[step.Node.Inputs[i]].Layer is ActivationLayer ? Kurtosis(step, i) - 1 : 0;
        }

        return Math.Max(0, left) / step.Context.Units(Ordered(step).Wide);
    }

    private static (Signal Wide, Signal Narrow) Ordered(Step step) =>
        step.Context.Positions(step.Inputs[1]) > step.Context.Positions(step.Inputs[0]) ? (step.Inputs[1], step.Inputs[0]) : (step.Inputs[0], step.Inputs[1]);

    // What has one position is the same at all positions of the other.
    private static Pairs Spread(Step step, Signal signal, Signal other) =>
        step.Context.Positions(signal) <= 1 && step.Context.Positions(other) > 1
            ? new Pairs(signal.Correlation.Sample, 1, signal.Correlation.Sample)
            : signal.Correlation;
}
