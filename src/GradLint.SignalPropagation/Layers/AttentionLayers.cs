using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>Scaled dot-product attention with several heads over [T, E]: self-attention with one input; query, key and value with three.</summary>
/// <remarks>
/// At initialization the logits have variance s^2 = q_query q_key (1 - rho) over the keys, so that sum_j A_j^2 = exp(s^2) / T, at most 1, and q' = g_v g_o q (S + (1 - S) rho) with S
/// that sum and rho the correlation of two positions. Backward the values receive p (S + (1 - S) r); queries and keys receive what softmax lets through, smaller by S
/// (Noci et al. 2022, section 3, for the rank collapse that rho tells of).
/// </remarks>
/// <param name="EmbedDimension">E; null where it is unknown.</param>
/// <param name="Heads">The number of heads.</param>
public sealed record MultiheadAttentionLayer(int? EmbedDimension, int Heads) : WeightLayer
{
    /// <summary>The default of the projections of query, key and value: Xavier uniform over [3E, E].</summary>
    public static Initializer DefaultWeight { get; } = new XavierUniform();

    /// <inheritdoc/>
    public override string Kind => "MultiheadAttention";

    /// <summary>How the output projection is drawn; null for that of a Linear layer.</summary>
    public Initializer? OutputWeight { get; init; }

    /// <summary>Whether the logits are divided by the root of the head's dimension, as they should be.</summary>
    public bool IsScaled { get; init; } = true;

    internal override (int Least, int Most) InputCount => (1, 3);

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("embedding dimension", EmbedDimension), ("heads", Heads) };

    internal override string? Problem => EmbedDimension % Heads is > 0 ? $"has an embedding dimension that its {Heads} heads do not divide" : null;

    internal override Fans Fans(Step step) => new(Width(step), 3 * Width(step));

    internal override Signal Forward(Step step)
    {
        Signal value = step.Inputs[step.Inputs.Count - 1];
        double rho = value.Correlation.Position;
        double s = Concentration(step);
        double keys = step.Context.Positions(value);
        double lnV = value.LnQ + Math.Log(Gain(step));
        double mixed = Math.Max(1e-12, s + ((1 - s) * rho));
        double average = (1 / keys) + ((1 - (1 / keys)) * rho);
        double across = value.Correlation.Sample / keys + ((1 - (1 / keys)) * value.Correlation.Both);
        Signal query = step.Inputs[0];
        return query with
        {
            LnQ = lnV + Math.Log(mixed * OutputGain(step)),
            MeanRatio = 0,
            UnitCorrelation = 0,
            Correlation = new Pairs(across / mixed, Math.Min(1, average / mixed), across / mixed).Map(c => Math.Max(-1, Math.Min(1, c))),
            Profile = null,
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        Signal value = step.Inputs[step.Inputs.Count - 1];
        double s = Concentration(step);
        double r = gradient.Correlation.Position;
        double rho = value.Correlation.Position;
        double gain = Gain(step);
        double qv = Math.Exp(Math.Min(600, value.LnQ)) * gain;
        double lnOut = gradient.LnP + Math.Log(OutputGain(step));
        double keys = step.Context.Positions(value);
        double queries = step.Context.Positions(step.Inputs[0]);
        double perKey = queries / keys; // in attention to a memory there may be more of the one than of the other
        double toValue = Math.Max(1e-12, perKey * (s + ((1 - s) * r * (queries - 1) / Math.Max(1, keys - 1))));
        double scale = IsScaled ? 1 : Width(step) / Heads;
        double toQuery = scale * s * qv * Math.Exp(Math.Min(600, step.Inputs[step.Inputs.Count > 1 ? 1 : 0].LnQ)) * gain * (1 - rho) * (1 - rho);
        double toKey = perKey * scale * s * qv * Math.Exp(Math.Min(600, step.Inputs[0].LnQ)) * gain * (1 - rho);
        double[] parts = step.Inputs.Count switch
        {
            1 => new[] { toValue + toQuery + toKey },
            2 => new[] { toQuery, toKey + toValue },
            _ => new[] { toQuery, toKey, toValue },
        };
        Pairs spread = new(gradient.Correlation.Sample, Math.Min(1, ((1 / step.Context.Positions(value)) + r) / toValue), gradient.Correlation.Both);
        return step.Inputs.Select((input, i) => gradient with
        {
            Shape = input.Shape,
            LnP = lnOut + Math.Log(gain * parts[i]),
            MeanRatio = 0,
            UnitCorrelation = 0,
            Alignment = 0,
            CorrelationSlope = default,
            Correlation = spread.Map(c => Math.Max(-1, Math.Min(1, c))),
            Profile = null,
        }).ToArray();
    }

    /// <summary>That of the output projection, whose input is the mixture of values.</summary>
    internal override double LnWeightGradient(Step step, Gradient gradient)
    {
        double lnMixture = step.Output.LnQ - Math.Log(OutputGain(step));
        double pairs = step.Context.Count(step.Output) * step.Context.Mix(step.Output, 1, step.Output.Correlation.Times(gradient.Correlation));
        return Math.Log(Width(step) * Width(step) * step.Context.Count(step.Output) * Math.Max(1e-12, pairs)) + gradient.LnP + lnMixture;
    }

    internal override double WeightCount(Step step) => 4 * Width(step) * Width(step);

    private double Width(Step step) => step.Context.Width(EmbedDimension ?? step.Input.Shape.Last);

    private double Gain(Step step) => Weight.IsKnown
        ? Width(step) * Weight.Variance(Fans(step))
        : throw new PredictionStopException("its initialization is unknown");

    private double OutputGain(Step step) => Width(step) * (OutputWeight ?? LinearLayer.DefaultWeight).Variance(new Fans(Width(step), Width(step)));

    // S = E sum_j A_j^2.
    private double Concentration(Step step)
    {
        Signal key = step.Inputs[step.Inputs.Count > 1 ? 1 : 0];
        double lnLogits = step.Inputs[0].LnQ + key.LnQ + (2 * Math.Log(Gain(step))) + (IsScaled ? 0 : Math.Log(Width(step) / Heads));
        double variance = Math.Exp(Math.Min(6, lnLogits)) * Math.Max(0, 1 - key.Correlation.Position);
        double keys = step.Context.Positions(key);
        double e = Math.Exp(Math.Min(300, variance));
        return Math.Min(1, e / (keys + e - 1));
    }
}
