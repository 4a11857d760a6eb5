using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>A table of vectors, one for each token: [T] tokens become [T, D] features of q = Var W.</summary>
/// <param name="Count">The number of tokens in the table; null where it is unknown.</param>
/// <param name="Dimension">D; null where it is unknown.</param>
public sealed record EmbeddingLayer(int? Count, int? Dimension) : WeightLayer
{
    /// <summary>The default weights: N(0, 1).</summary>
    public static Initializer DefaultWeight { get; } = new Normal();

    /// <inheritdoc/>
    public override string Kind => "Embedding";

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("tokens", Count), ("dimensions", Dimension) };

    internal override Fans Fans(Step step) => new(step.Context.Width(Dimension), Count ?? 1e4);

    internal override double WeightCount(Step step) => (Count ?? 1e4) * step.Context.Width(Dimension);

    internal override Signal Forward(Step step)
    {
        if (!Weight.IsKnown)
        {
            throw new PredictionStopException("its initialization is unknown");
        }

        step.Context.Assume("tokens are drawn at random, each as often as the others");
        Shape tokens = step.Input.Shape;
        Fans fans = Fans(step);
        double variance = Weight.Variance(fans);
        double mean = Weight.Mean(fans);
        double q = variance + (mean * mean);
        double same = ((variance / (Count ?? 1e4)) + (mean * mean)) / q;
        return new Signal
        {
            Shape = new Shape((tokens.Sizes ?? new int?[] { null }).Concat(new[] { Dimension }).ToArray()),
            Axis = UnitAxis.Last,
            LnQ = Math.Log(q),
            MeanRatio = mean / Math.Sqrt(q),
            UnitCorrelation = mean * mean / q,
            Correlation = new Pairs(same, same, same),
            CorrelationVariance = 1 / step.Context.Width(Dimension),
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => new[] { Gradient.None(step.Input.Shape) };

    /// <summary>Each token's row sums the gradients of its occurrences: D p for each, and r for each pair of them.</summary>
    internal override double LnWeightGradient(Step step, Gradient gradient)
    {
        double occurrences = step.Context.Count(step.Output);
        double pairs = 1 + (((occurrences * step.Context.Mix(step.Output, 1, gradient.Correlation)) - 1) / (Count ?? 1e4));
        return Math.Log(occurrences * step.Context.Units(step.Output) * Math.Max(1e-12, pairs)) + gradient.LnP;
    }
}

/// <summary>The inputs side by side along the feature axis.</summary>
public sealed record ConcatLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Concat";

    internal override (int Least, int Most) InputCount => (1, int.MaxValue);

    internal override Signal Forward(Step step)
    {
        double[] units = step.Inputs.Select(step.Context.Units).ToArray();
        double all = units.Sum();
        double lnQ = step.Inputs.Select((input, i) => input.LnQ + Math.Log(units[i] / all)).Aggregate(SpecialFunctions.LogAdd);
        double[] shares = step.Inputs.Select((input, i) => double.IsNegativeInfinity(lnQ) ? 0 : Math.Exp(input.LnQ - lnQ) * units[i] / all).ToArray();
        Signal first = step.Inputs[0];
        return first with
        {
            Shape = Side(first, step.Inputs.Select(input => input.Axis == UnitAxis.Last ? input.Shape.Last : input.Shape.First)),
            LnQ = lnQ,
            MeanRatio = step.Inputs.Select((input, i) => input.MeanRatio * Math.Sqrt(shares[i] * units[i] / all)).Sum(),
            Correlation = new Pairs(Weighted(step, shares, c => c.Sample), Weighted(step, shares, c => c.Position), Weighted(step, shares, c => c.Both)),
            Profile = OfUnits(step, shares),
            Fluctuation = step.Inputs.Select((input, i) => input.Fluctuation * shares[i] * shares[i]).Sum(),
            BatchFluctuation = step.Inputs.Select((input, i) => input.BatchFluctuation * shares[i] * shares[i]).Sum(),
            CorrelationVariance = Math.Pow(step.Inputs.Select((input, i) => Math.Sqrt(input.CorrelationVariance) * shares[i]).Sum(), 2),
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => step.Inputs.Select(input =>
    {
        double share = double.IsNegativeInfinity(input.LnQ) ? 0 : Math.Exp(input.LnQ - step.Output.LnQ);
        return gradient with { Shape = input.Shape, Alignment = gradient.Alignment * Math.Sqrt(Math.Min(1, share)) };
    }).ToArray();

    private static double Weighted(Step step, double[] shares, Func<Pairs, double> of) => step.Inputs.Select((input, i) => of(input.Correlation) * shares[i]).Sum();

    private static Profile? OfUnits(Step step, double[] shares)
    {
        Profile? profile = step.Inputs[0].Profile;
        double before = shares[0];
        for (int i = 1; i < shares.Length; i++)
        {
            profile = Profile.OfSum(before / Math.Max(double.Epsilon, before + shares[i]), profile, step.Inputs[i].Profile);
            before += shares[i];
        }

        return profile;
    }

    private static Shape Side(Signal first, IEnumerable<int?> units)
    {
        int? sum = units.Aggregate((int?)0, (total, size) => total + size);
        return first.Axis == UnitAxis.Last ? first.Shape.WithLast(sum) : new Shape(new[] { sum }.Concat(first.Shape.Sizes!.Skip(1)).ToArray());
    }
}

/// <summary>One position of a sequence, such as the last step of a recurrent layer or the class token: [T, D] becomes [D].</summary>
public sealed record SelectLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Select";

    internal override Signal Forward(Step step) =>
        step.Input with { Shape = Shape.Vector(step.Input.Axis == UnitAxis.Last ? step.Input.Shape.Last : step.Input.Shape.First), Axis = UnitAxis.Last, Profile = null };

    /// <summary>The other positions receive nothing: p is the mean over all of them.</summary>
    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        double positions = step.Context.Positions(step.Input);
        return new[]
        {
            gradient with
            {
                Shape = step.Input.Shape,
                LnP = gradient.LnP - Math.Log(positions),
                MeanRatio = gradient.MeanRatio / Math.Sqrt(positions),
                Alignment = gradient.Alignment / Math.Sqrt(positions),
                Correlation = new Pairs(gradient.Correlation.Sample, 0, 0),
                CorrelationSlope = gradient.CorrelationSlope with { Position = 0, Both = 0 },
                Profile = Profile.AtEnd((int)positions),
            },
        };
    }
}

/// <summary>The mean over the positions of a sequence: [T, D] becomes [D].</summary>
public sealed record MeanLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Mean";

    internal override Signal Forward(Step step) => Averaging.Forward(step.Input, step.Context.Positions(step.Input)) with
    {
        Shape = Shape.Vector(step.Input.Axis == UnitAxis.Last ? step.Input.Shape.Last : step.Input.Shape.First),
        Axis = UnitAxis.Last,
        Profile = null,
    };

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        double positions = step.Context.Positions(step.Input);
        Pairs r = gradient.Correlation;
        return new[]
        {
            gradient with
            {
                Shape = step.Input.Shape,
                LnP = gradient.LnP - (2 * Math.Log(positions)),
                Correlation = new Pairs(r.Sample, 1, r.Sample),
                Alignment = gradient.Alignment * Averaging.Alignment(step),
                CorrelationSlope = Averaging.Slope(gradient, step.Input, positions, together: 1),
                Profile = null,
            },
        };
    }
}
