using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>How an upsampling layer fills in.</summary>
public enum Upsampling
{
    /// <summary>Each output is the nearest input.</summary>
    Nearest,

    /// <summary>Linear, bilinear or trilinear interpolation, by the number of spatial axes.</summary>
    Linear,
}

/// <summary>Upsampling over the spatial axes, channels first: y_o = sum_k w_ok x_k with weights that sum to 1 for each output.</summary>
/// <remarks>
/// With W the mean over outputs of sum_k w_ok^2 and A that of sum_k w_ok w_o'k over all pairs of outputs, q' = q (W + (1 - W) c) and p = p' (P'/P) (W + (P' A - W) r), c and r the
/// correlations of two positions, P and P' the numbers of positions. Nearest: W = 1 and A = 1/P, so q' = q, and each input sums the gradients of its P'/P copies.
/// </remarks>
/// <param name="Scale">The factor along each spatial axis; fewer entries than axes repeat the last one. Null where <paramref name="Size"/> is given.</param>
/// <param name="Size">The output's extents; null where a scale is given.</param>
public sealed record UpsampleLayer(IReadOnlyList<double>? Scale = null, IReadOnlyList<int>? Size = null) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Upsample";

    /// <summary>How it fills in: the nearest by default.</summary>
    public Upsampling Mode { get; init; }

    /// <summary>Whether the corners of input and output coincide, when it interpolates.</summary>
    public bool AlignCorners { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes =>
        (Scale ?? Array.Empty<double>()).Select(scale => ("a scale", (double?)scale)).Concat((Size ?? Array.Empty<int>()).Select(size => ("an output size", (double?)size)));

    internal override string? Problem => Scale is null == Size is null ? "needs either a scale or a size" : null;

    internal override Signal Forward(Step step)
    {
        Signal x = step.Input with { Axis = UnitAxis.First };
        (Spread spread, int?[] sizes) = SpreadOf(step);
        double c = x.Correlation.Position;
        double kept = Math.Max(1e-12, spread.Own + ((1 - spread.Own) * c));
        return x with
        {
            Shape = new Shape(new[] { x.Shape.First }.Concat(sizes).ToArray()),
            LnQ = x.LnQ + Math.Log(kept),
            MeanRatio = Math.Max(-1, Math.Min(1, x.MeanRatio / Math.Sqrt(kept))),
            Correlation = new Pairs(
                (spread.Own * x.Correlation.Sample) + ((1 - spread.Own) * x.Correlation.Both),
                spread.OverOtherOutputs(1, c),
                spread.OverOtherOutputs(x.Correlation.Sample, x.Correlation.Both)).Map(one => Math.Max(-1, Math.Min(1, one / kept))),
            Profile = null,
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        (Spread spread, _) = SpreadOf(step);
        double copies = spread.Outputs / spread.Inputs;
        double ratio = Math.Exp(0.5 * (step.Output.LnQ - step.Input.LnQ));

        // What follows the signal is the same at all copies of an input, whatever the correlation elsewhere.
        double coherent = Math.Min(1, gradient.Alignment * gradient.Alignment);
        double followed = coherent * copies * copies * ratio * ratio;
        Pairs r = gradient.Correlation.Zip(step.Output.Correlation, (all, c) => all - (coherent * c));
        double same = Math.Max(1e-12, spread.ToOneInput(1 - coherent, r.Position) + followed);
        double samples = spread.ToOneInput(r.Sample, r.Both) + (followed * step.Input.Correlation.Sample);
        return new[]
        {
            gradient with
            {
                Shape = step.Input.Shape,
                LnP = gradient.LnP + Math.Log(same),
                MeanRatio = Math.Max(-1, Math.Min(1, gradient.MeanRatio * copies / Math.Sqrt(same))),
                Alignment = Math.Max(-1, Math.Min(1, gradient.Alignment * copies * ratio / Math.Sqrt(same))),
                Correlation = new Pairs(samples, spread.ToOtherInputs(same, 1, gradient.Correlation.Position), spread.ToOtherInputs(samples, gradient.Correlation.Sample, gradient.Correlation.Both)).Map(one => Math.Max(-1, Math.Min(1, one / same))),
                Profile = null,
            },
        };
    }

    private (Spread Spread, int?[] Sizes) SpreadOf(Step step)
    {
        int axes = PoolingLayer.SpatialAxes(step, (Scale?.Count ?? Size?.Count)!.Value);
        int?[] given = step.Input.Shape.Spatial(axes);
        int?[] sizes = given.Select((size, axis) => Size is not null ? Size[Math.Min(axis, Size.Count - 1)] : size is { } known ? (int?)Math.Floor(known * Scale![Math.Min(axis, Scale.Count - 1)]) : null).ToArray();
        Spread spread = new(1, 1, 1, 1);
        for (int axis = 0; axis < axes; axis++)
        {
            int inputs = (int)step.Context.Extent(given[axis]);
            int outputs = sizes[axis] ?? (int)Math.Floor(inputs * Scale![Math.Min(axis, Scale.Count - 1)]);
            spread = spread.Times(Spread.Of(inputs, outputs, Mode == Upsampling.Linear, AlignCorners));
        }

        return (spread, sizes);
    }

    // What the weights w_ok are needed for, along one axis or, as products, over all of them.
    private readonly record struct Spread(double Inputs, double Outputs, double Own, double Overlap)
    {
        public static Spread Of(int inputs, int outputs, bool isLinear, bool alignCorners)
        {
            double[] total = new double[inputs];
            double own = 0;
            for (int o = 0; o < outputs; o++)
            {
                double place = !isLinear ? Math.Floor((double)o * inputs / outputs)
                    : alignCorners ? (outputs > 1 ? (double)o * (inputs - 1) / (outputs - 1) : 0)
                    : Math.Max(0, ((o + 0.5) * inputs / outputs) - 0.5);
                int low = Math.Min(inputs - 1, (int)Math.Floor(place));
                double share = low + 1 < inputs ? place - low : 0;
                total[low] += 1 - share;
                total[Math.Min(inputs - 1, low + 1)] += share;
                own += (((1 - share) * (1 - share)) + (share * share)) / outputs;
            }

            return new Spread(inputs, outputs, own, total.Sum(sum => sum * sum) / ((double)outputs * outputs));
        }

        public Spread Times(Spread other) => new(Inputs * other.Inputs, Outputs * other.Outputs, Own * other.Own, Overlap * other.Overlap);

        // The mean of a covariance over two different outputs, from that at the same input and at two.
        public double OverOtherOutputs(double same, double apart)
        {
            double all = (Overlap * same) + ((1 - Overlap) * apart);
            double own = (Own * same) + ((1 - Own) * apart);
            return Outputs > 1 ? ((Outputs * all) - own) / (Outputs - 1) : own;
        }

        // What one input receives, from the gradients' covariance at the same output and at two.
        public double ToOneInput(double same, double apart) => Outputs / Inputs * ((Own * same) + (((Outputs * Overlap) - Own) * apart));

        // The covariance of what two inputs receive.
        public double ToOtherInputs(double one, double same, double apart) =>
            Inputs > 1 ? ((Outputs * (same + ((Outputs - 1) * apart))) - (Inputs * one)) / (Inputs * (Inputs - 1)) : 0;
    }
}
