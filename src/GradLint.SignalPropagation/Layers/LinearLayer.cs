using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>z = W x + b over the last axis.</summary>
/// <remarks>
/// Forward q' = n_in Var W q + Var b, c' likewise (Poole et al. 2016, equations 3 and 5); backward p = n_out Var W p', r likewise (Schoenholz et al. 2017,
/// equation 12); E |dL/dW|^2 = n_in n_out sum over pairs of samples and positions of r c (the same pair: p q).
/// </remarks>
/// <param name="InFeatures">n_in; null where it is unknown.</param>
/// <param name="OutFeatures">n_out; null where it is unknown.</param>
public sealed record LinearLayer(int? InFeatures, int? OutFeatures) : WeightLayer
{
    /// <summary>The default weights: kaiming_uniform_(a = sqrt 5), Var W = 1 / (3 fan_in).</summary>
    public static Initializer DefaultWeight { get; } = new KaimingUniform(Math.Sqrt(5));

    /// <summary>The default biases: U(-1/sqrt fan_in, 1/sqrt fan_in).</summary>
    public static Initializer DefaultBias { get; } = new FanInUniform();

    /// <inheritdoc/>
    public override string Kind => "Linear";

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("in features", InFeatures), ("out features", OutFeatures) };

    internal override Fans Fans(Step step) => new(Inputs(step), step.Context.Width(OutFeatures));

    internal override Signal Forward(Step step) =>
        WeightMatrix.Forward(step, Fans(step).In, Weight, Bias, Fans(step), step.Input.Shape.WithLast(OutFeatures), UnitAxis.Last);

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) =>
        new[] { WeightMatrix.Backward(step, Fans(step).In, Fans(step).Out, Weight, Fans(step), gradient) };

    internal override double LnWeightGradient(Step step, Gradient gradient) =>
        Math.Log(Fans(step).In * Fans(step).Out) + WeightMatrix.LnGradientPerWeight(step, gradient);

    private double Inputs(Step step) => step.Context.Width(InFeatures ?? step.Input.Shape.Last);
}
