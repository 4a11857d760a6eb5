using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>A normalization layer: y = gamma (x - mean) / sqrt(v + eps) + beta.</summary>
/// <remarks>
/// Backward, the gradient is divided by sqrt(v + eps) and loses two components: its mean over what is normalized, and its component along y
/// (Yang et al. 2019, section 4). What follows the signal itself is lost with it.
/// </remarks>
public abstract record NormalizationLayer : Layer
{
    private protected NormalizationLayer()
    {
    }

    // A gradient that is the same for all that is normalized together is taken away, up to rounding.
    private const double NothingLeft = 1e-9;

    /// <summary>What is added to the variance: 1e-5.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>How gamma is drawn; null for ones. Zeros closes a residual branch.</summary>
    public Initializer? Scale { get; init; }

    internal override string? Problem => Epsilon >= 0 ? null : $"has epsilon {Epsilon}, which must not be negative";

    /// <summary>The share of q that the subtracted mean holds, and the correlations that remain.</summary>
    internal abstract double RemovedShare(Step step, double meanRatio, Pairs correlation);

    /// <summary>The correlation that is left of one.</summary>
    internal abstract Pairs Remaining(Step step, double meanRatio, Pairs correlation, double removed);

    /// <summary>The number of elements over which is normalized.</summary>
    internal abstract double Elements(Step step);

    /// <summary>How many units are normalized together, over the positions of one sample; infinite where samples are, or single positions.</summary>
    internal virtual double ChannelsTogether(Step step) => double.PositiveInfinity;

    /// <summary>
    /// The number of independent samples whose variance fluctuates as much: 1 / E rho^2 over all pairs that are normalized together. Infinite where it is the units of a sample alone that
    /// are: then the fluctuation of its second moment says the same.
    /// </summary>
    internal virtual double IndependentSamples(Step step, double removed) => double.PositiveInfinity;

    /// <summary>Whether the statistics are the batch's own, so that nothing of the whole batch's norm fluctuates afterwards.</summary>
    internal virtual bool IsOverBatch => false;

    /// <summary>Whether the mean over positions is subtracted from each unit.</summary>
    internal virtual bool IsOverPositions => false;

    /// <summary>Whether the mean is subtracted.</summary>
    internal virtual bool IsCentred => true;

    internal override bool KeepsUnits => true;

    internal override Signal Forward(Step step)
    {
        Signal x = step.Input;
        double removed = IsCentred ? Math.Min(1, RemovedShare(step, x.MeanRatio, x.Correlation)) : 0;
        double lnV = x.LnQ + Math.Log(Math.Max(1e-15, 1 - removed));
        double lnScale = Math.Log(ScaleSquare(step));
        double lnQ = lnV - SpecialFunctions.LogAdd(lnV, Math.Log(Epsilon)) + lnScale;
        if (double.IsNegativeInfinity(lnQ) || double.IsNaN(lnQ))
        {
            return Signal.Zero(x.Shape, x.Axis) with { Doubt = x.Doubt };
        }

        return x with
        {
            LnQ = lnQ,
            MeanRatio = IsCentred ? 0 : x.MeanRatio,
            UnitCorrelation = IsCentred ? Math.Max(0, (x.UnitCorrelation - removed) / Math.Max(1e-9, 1 - removed)) : x.UnitCorrelation,
            Correlation = IsCentred ? Remaining(step, x.MeanRatio, x.Correlation, removed).Map(c => Math.Max(-1, Math.Min(1, c))) : x.Correlation,
            Units = IsOverBatch ? x.Units?.CentredByUnit(null) : x.Units?.Less(IsCentred, null),
            Fluctuation = 0,
            BatchFluctuation = 0,
            Doubt = 0,
            Ahead = 0,
            Profile = IsOverPositions ? x.Profile?.Centred(removed) : x.Profile,
            CorrelationVariance = VarianceOfRest(x, removed),
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        Signal x = step.Input;
        double removed = IsCentred ? Math.Min(1, RemovedShare(step, x.MeanRatio, x.Correlation)) : 0;
        double lnV = x.LnQ + Math.Log(Math.Max(1e-15, 1 - removed));
        double n = Elements(step);
        double removedGradient = IsCentred ? RemovedShare(step, gradient.MeanRatio, gradient.Correlation) : 0;
        double along = (gradient.Alignment * gradient.Alignment) + (Math.Max(0, 1 - removedGradient) / n); // of what the mean leaves, one direction of n
        double own = Math.Min(1, gradient.OwnAlignment / Math.Max(1e-6, 1 - Math.Max(0, gradient.Correlation.Position)) / ChannelsTogether(step));
        double left = Math.Max(1e-9, (1 - removedGradient - along) * (1 - own));
        if (1 - removedGradient < NothingLeft)
        {
            return new[] { Gradient.None(x.Shape) };
        }

        double doubt = 0.1 * Math.Log(Math.Max(1e-9, 1 - own)) * Math.Log(Math.Max(1e-9, 1 - own)); // where nearly all is taken away, what is left is known to a factor only
        double inverse = MeanInverse(IndependentSamples(step, removed));
        bool resets = double.IsNegativeInfinity(x.LnQ);
        return new[]
        {
            gradient with
            {
                Shape = x.Shape,
                LnP = gradient.LnP + Math.Log(left * inverse * ScaleSquare(step)) - SpecialFunctions.LogAdd(lnV, Math.Log(Epsilon)),
                MeanRatio = IsCentred ? 0 : gradient.MeanRatio / Math.Sqrt(left),
                UnitCorrelation = IsCentred ? 0 : gradient.UnitCorrelation,
                Units = x.Units is null || step.Output.Units is null ? null : LessUnits(gradient.UnitsAlong(step.Output, step.Seed), step.Output.Units),
                Alignment = 0,
                OwnAlignment = 0,
                Correlation = IsCentred ? Remaining(step, gradient.MeanRatio, gradient.Correlation, removedGradient) : gradient.Correlation,
                CorrelationSlope = gradient.CorrelationSlope.Map(slope => slope / (1 + Math.Max(0, removed)) / Math.Max(1e-3, 1 - Math.Max(0, removedGradient))),
                Doubt = gradient.Doubt + x.Doubt,
                OfNorm = Reset(gradient.OfNorm, resets).Plus(doubt),
                OfGrowth = Reset(gradient.OfGrowth, resets).Plus(doubt),
            },
        };
    }

    private UnitPopulation LessUnits(UnitPopulation gradient, UnitPopulation output) => IsOverBatch ? gradient.CentredByUnit(output) : gradient.Less(IsCentred, output);

    // E 1/v of a variance whose mean is 1, estimated from n independent samples about their own mean: (n - 1) over a chi-square of n - 1 degrees of freedom.
    private static double MeanInverse(double n) => n > 4 ? 1 + (2 / (n - 3)) : 3;

    // The variance of c / q where a mean of share m^2 is taken away: x = m + d makes c = m^2 + m (mean d + mean d') + mean d d', of variance (1 - m^4) / n, and leaves the last part, (1 - m^2)^2 / n.
    private static double VarianceOfRest(Signal x, double removed) => x.CorrelationVariance / Math.Max(1e-6, 1 - (removed * removed));

    /// <summary>rho^2 of what is left of the correlation of each kind of pair.</summary>
    private protected Pairs SquaresOfRest(Step step, double removed) => Remaining(step, step.Input.MeanRatio, step.Input.Correlation, removed).Map(c => Math.Min(1, c * c));

    // What comes in may be larger by any factor: what goes out is the same, and the gradient is smaller by it.
    private static Fluctuation Reset(Fluctuation fluctuation, bool isDead) => fluctuation with { Sensitivity = isDead ? 0 : -1 };

    private double ScaleSquare(Step step)
    {
        if (Scale is null)
        {
            return 1;
        }

        Fans fans = new(step.Context.Units(step.Input), step.Context.Units(step.Input));
        return Scale.IsKnown
            ? Scale.Variance(fans) + (Scale.Mean(fans) * Scale.Mean(fans))
            : throw new PredictionStopException("its scale is unknown");
    }
}

/// <summary>Batch normalization, each feature over the batch and its positions, N = B P samples in all.</summary>
/// <remarks>
/// v = q - c: what samples have in common goes. A Linear - BatchNorm - activation block multiplies the squared gradient by D / (V - m^2) (N-1)/(N-2): pi / (pi - 1) for ReLU,
/// 1.211 per layer in norm, at any initialization (Yang et al. 2019, theorem 3.9).
/// </remarks>
/// <param name="Features">The number of features or channels; null where it is unknown.</param>
public sealed record BatchNormLayer(int? Features = null) : NormalizationLayer
{
    /// <inheritdoc/>
    public override string Kind => "BatchNorm";

    internal override bool IsOverBatch => true;

    internal override bool IsOverPositions => true;

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("features", Features) };

    internal override double Elements(Step step) => step.Context.Count(step.Input);

    /// <summary>Next to each other, the outputs of a convolution read many of the same inputs: rho^2 is not that of the average distance.</summary>
    internal override double IndependentSamples(Step step, double removed)
    {
        Pairs squares = SquaresOfRest(step, removed);
        double near = step.Context.Graph[step.Node.Inputs[0]].Layer is ConvolutionLayer { Kernel.Count: var axes } convolution
            ? convolution.Window.SquaredOverlap(step.Input.Shape.Spatial(axes))
            : 0;
        return 1 / step.Context.Mix(step.Input, 1 + near, squares with { Sample = squares.Sample * (1 + near) });
    }

    internal override double RemovedShare(Step step, double meanRatio, Pairs correlation) => Math.Max(0, step.Context.Mix(step.Input, 1, correlation));

    internal override Pairs Remaining(Step step, double meanRatio, Pairs correlation, double removed) => correlation.Map(c => (c - removed) / Math.Max(1e-9, 1 - removed));
}

/// <summary>Layer normalization, each sample and position over the last axes: v = q - m^2 (Xu et al. 2019 for the backward pass).</summary>
/// <remarks>Linear - LN - activation: chi = D / V, 1 for ReLU; activation - LN - Linear: chi = D / (V - m^2), 1.467 for ReLU.</remarks>
/// <param name="NormalizedShape">The sizes of the axes over which is normalized; null where they are unknown.</param>
public sealed record LayerNormLayer(IReadOnlyList<int?>? NormalizedShape = null) : NormalizationLayer
{
    /// <inheritdoc/>
    public override string Kind => "LayerNorm";

    internal override IEnumerable<(string Name, double? Size)> Sizes => (NormalizedShape ?? Array.Empty<int?>()).Select(size => ("a normalized size", (double?)size));

    internal override double Elements(Step step) =>
        NormalizedShape is { Count: > 1 } ? step.Context.Units(step.Input) * step.Context.Positions(step.Input) : step.Context.Units(step.Input);

    internal override double RemovedShare(Step step, double meanRatio, Pairs correlation) =>
        (meanRatio * meanRatio) + ((1 - (meanRatio * meanRatio)) / Elements(step));

    internal override Pairs Remaining(Step step, double meanRatio, Pairs correlation, double removed) => correlation.Map(c => (c - GroupStatistics.SharedMean(meanRatio, c)) / Math.Max(1e-9, 1 - (meanRatio * meanRatio)));
}

/// <summary>Group normalization, each sample over the positions of a group of channels.</summary>
/// <param name="Groups">The number of groups.</param>
/// <param name="Channels">C; null where it is unknown.</param>
public sealed record GroupNormLayer(int Groups, int? Channels = null) : NormalizationLayer
{
    /// <inheritdoc/>
    public override string Kind => "GroupNorm";

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("groups", Groups), ("channels", Channels) };

    internal override double ChannelsTogether(Step step) => GroupStatistics.Channels(step, Groups);

    internal override double Elements(Step step) => GroupStatistics.Channels(step, Groups) * step.Context.Positions(GroupStatistics.Input(step));

    internal override double IndependentSamples(Step step, double removed) => ChannelsTogether(step) * GroupStatistics.IndependentPositions(step, SquaresOfRest(step, removed));

    internal override double RemovedShare(Step step, double meanRatio, Pairs correlation) =>
        GroupStatistics.RemovedShare(step, GroupStatistics.Channels(step, Groups), meanRatio, correlation);

    internal override Pairs Remaining(Step step, double meanRatio, Pairs correlation, double removed) =>
        GroupStatistics.Remaining(step, GroupStatistics.Channels(step, Groups), meanRatio, correlation, removed);
}

/// <summary>Instance normalization, each channel of each sample over its positions.</summary>
/// <param name="Channels">C; null where it is unknown.</param>
public sealed record InstanceNormLayer(int? Channels = null) : NormalizationLayer
{
    /// <inheritdoc/>
    public override string Kind => "InstanceNorm";

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("channels", Channels) };

    internal override double ChannelsTogether(Step step) => 1;

    internal override bool IsOverPositions => true;

    internal override double Elements(Step step) => step.Context.Positions(GroupStatistics.Input(step));

    internal override double IndependentSamples(Step step, double removed) => GroupStatistics.IndependentPositions(step, SquaresOfRest(step, removed));

    internal override double RemovedShare(Step step, double meanRatio, Pairs correlation) => GroupStatistics.RemovedShare(step, 1, meanRatio, correlation);

    internal override Pairs Remaining(Step step, double meanRatio, Pairs correlation, double removed) =>
        GroupStatistics.Remaining(step, 1, meanRatio, correlation, removed);
}

/// <summary>Root-mean-square normalization: v = q, no mean is subtracted; chi = D / V for Linear - RMSNorm - activation (Zhang and Sennrich 2019).</summary>
/// <param name="Features">The size of the last axis; null where it is unknown.</param>
public sealed record RMSNormLayer(int? Features = null) : NormalizationLayer
{
    /// <inheritdoc/>
    public override string Kind => "RMSNorm";

    internal override bool IsCentred => false;

    internal override IEnumerable<(string Name, double? Size)> Sizes => new (string, double?)[] { ("features", Features) };

    internal override double Elements(Step step) => step.Context.Units(step.Input);

    internal override double RemovedShare(Step step, double meanRatio, Pairs correlation) => 0;

    internal override Pairs Remaining(Step step, double meanRatio, Pairs correlation, double removed) => correlation;
}

/// <summary>The statistics of a group of channels over the positions of one sample.</summary>
internal static class GroupStatistics
{
    /// <summary>The input with its channels first.</summary>
    public static Signal Input(Step step) => step.Input with { Axis = UnitAxis.First };

    /// <summary>1 / E rho^2 over the pairs of positions of one sample.</summary>
    public static double IndependentPositions(Step step, Pairs squares) => 1 / step.Context.MixPositions(Input(step), 1, squares);

    /// <summary>The channels of one group.</summary>
    public static double Channels(Step step, int groups) => Math.Max(1, step.Context.Units(Input(step)) / groups);

    /// <summary>The group's mean: the common mean, and the mean over positions of each channel, averaged over the group's channels.</summary>
    public static double RemovedShare(Step step, double channels, double meanRatio, Pairs correlation)
    {
        double positions = step.Context.Positions(Input(step));
        double mean2 = meanRatio * meanRatio;
        double rest = (1 + ((positions - 1) * correlation.Position)) / positions;
        return Math.Max(0, mean2 + (Math.Max(0, rest - mean2) / channels));
    }

    /// <summary>What two elements share of the common mean: all of it, but no more than they share at all.</summary>
    public static double SharedMean(double meanRatio, double correlation) => Math.Min(meanRatio * meanRatio, Math.Max(0, correlation));

    /// <summary>Each pair loses what the means of its two groups share: of one sample, or of two.</summary>
    public static Pairs Remaining(Step step, double channels, double meanRatio, Pairs correlation, double removed)
    {
        double positions = step.Context.Positions(Input(step));
        double across = (correlation.Sample + ((positions - 1) * correlation.Both)) / positions;
        double mean2 = SharedMean(meanRatio, across);
        double shared = mean2 + ((across - mean2) / channels);
        double left = Math.Max(1e-9, 1 - removed);
        return new Pairs((correlation.Sample - shared) / left, (correlation.Position - removed) / left, (correlation.Both - shared) / left);
    }
}
