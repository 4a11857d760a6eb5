using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>
/// The product, element by element, of two signals that are independent of each other, such as a gate and what it lets through. One of them may have a single
/// position, which then scales all positions of the other.
/// </summary>
/// <remarks>
/// q' = q_a q_b, c' = c_a c_b, m' = m_a m_b; backward p_a = p' q_b and r_a = r' c_b, p_b likewise, summed over the positions where b scales several.
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
        return wide with
        {
            LnQ = wide.LnQ + narrow.LnQ,
            MeanRatio = wide.MeanRatio * narrow.MeanRatio,
            UnitCorrelation = wide.UnitCorrelation * narrow.UnitCorrelation,
            Correlation = wide.Correlation.Times(other),
            Fluctuation = wide.Fluctuation + narrow.Fluctuation,
            BatchFluctuation = wide.BatchFluctuation + narrow.BatchFluctuation,
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
            gradients[i] = ToInput(step, gradient, step.Inputs[i], step.Inputs[1 - i]);
        }

        return gradients;
    }

    private static Gradient ToInput(Step step, Gradient gradient, Signal input, Signal factor)
    {
        Pairs arriving = gradient.Correlation.Times(Spread(step, factor, input));
        double joined = Math.Max(1, step.Context.Positions(step.Output) / step.Context.Positions(input));
        double together = Math.Max(1 / joined, (1 + ((joined - 1) * arriving.Position)) / joined);
        return gradient with
        {
            Shape = input.Shape,
            LnP = gradient.LnP + factor.LnQ + Math.Log(joined * joined * together),
            MeanRatio = gradient.MeanRatio * factor.MeanRatio,
            UnitCorrelation = gradient.UnitCorrelation * factor.UnitCorrelation,
            Correlation = joined > 1 ? new Pairs(arriving.Sample, 0, 0) : arriving,
            CorrelationSlope = gradient.CorrelationSlope.Times(factor.Correlation),
            Profile = joined > 1 ? null : gradient.Profile,
            Units = null,
        };
    }

    private static (Signal Wide, Signal Narrow) Ordered(Step step) =>
        step.Context.Positions(step.Inputs[1]) > step.Context.Positions(step.Inputs[0]) ? (step.Inputs[1], step.Inputs[0]) : (step.Inputs[0], step.Inputs[1]);

    // What has one position is the same at all positions of the other.
    private static Pairs Spread(Step step, Signal signal, Signal other) =>
        step.Context.Positions(signal) <= 1 && step.Context.Positions(other) > 1
            ? new Pairs(signal.Correlation.Sample, 1, signal.Correlation.Sample)
            : signal.Correlation;
}
