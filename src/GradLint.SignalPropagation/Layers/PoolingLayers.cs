using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>What the pools share: a window without weights over the spatial axes, channels first.</summary>
public abstract record PoolingLayer : Layer
{
    private protected PoolingLayer()
    {
    }

    internal override Signal Forward(Step step)
    {
        int?[] sizes = OutputSizes(step);
        Shape shape = new(new[] { step.Input.Shape.First }.Concat(sizes).ToArray());
        return Pool(step, Elements(step)) with { Shape = shape, Axis = UnitAxis.First, Profile = null };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        double perInput = step.Context.Positions(step.Output) / step.Context.Positions(step.Input with { Axis = UnitAxis.First });
        return new[] { Unpool(step, gradient, Elements(step), perInput) with { Shape = step.Input.Shape, Profile = null } };
    }

    /// <summary>The extents of the output.</summary>
    internal abstract int?[] OutputSizes(Step step);

    /// <summary>N, the number of inputs that each output reads.</summary>
    internal abstract double Elements(Step step);

    /// <summary>The moments of the output.</summary>
    internal abstract Signal Pool(Step step, double n);

    /// <summary>The moments of the gradient at the input.</summary>
    /// <param name="step">The forward pass.</param>
    /// <param name="gradient">The gradient at the output.</param>
    /// <param name="n">N.</param>
    /// <param name="perInput">The number of outputs for each input: 1/N where windows do not overlap.</param>
    internal abstract Gradient Unpool(Step step, Gradient gradient, double n, double perInput);

    /// <summary>The number of spatial axes of the input.</summary>
    internal static int SpatialAxes(Step step, int atLeast) => step.Input.Shape.Sizes is { Count: > 1 } sizes ? sizes.Count - 1 : atLeast;
}

/// <summary>The averages that both kinds of average pool take.</summary>
internal static class Averaging
{
    /// <summary>q' = (q + (N-1) c) / N with c the covariance of two positions; the covariance of two samples likewise.</summary>
    public static Signal Forward(Signal x, double n)
    {
        double kept = Math.Max(1e-12, (1 + ((n - 1) * x.Correlation.Position)) / n);
        double across = (x.Correlation.Sample + ((n - 1) * x.Correlation.Both)) / n;
        return x with
        {
            LnQ = x.LnQ + Math.Log(kept),
            MeanRatio = Math.Max(-1, Math.Min(1, x.MeanRatio / Math.Sqrt(kept))),
            Correlation = new Pairs(across / kept, x.Correlation.Position / kept, x.Correlation.Both / kept).Map(c => Math.Max(-1, Math.Min(1, c))),
        };
    }

    /// <summary>p = p' / N^2 where windows do not overlap; two positions of one window receive the same.</summary>
    public static Gradient Backward(Step step, Gradient gradient, double n, double perInput)
    {
        double positions = step.Context.Positions(step.Input with { Axis = UnitAxis.First });
        double together = positions > 1 ? Math.Min(1, (n - 1) / (positions - 1)) : 0;
        Pairs r = gradient.Correlation;
        return gradient with
        {
            LnP = gradient.LnP + Math.Log(perInput / n),
            Correlation = new Pairs(r.Sample, together + ((1 - together) * r.Position), (together * r.Sample) + ((1 - together) * r.Both)),
            Alignment = gradient.Alignment * Alignment(step),
            CorrelationSlope = Slope(gradient, step.Input, n, together),
        };
    }

    /// <summary>How far the covariance of two samples, summed over n places, follows that at one of them: all of it where the places are alike, 1/n where they are independent.</summary>
    public static double Shared(double n, double position) => (1 + ((n - 1) * Math.Min(1, position * position))) / n;

    /// <summary>
    /// The covariance of two averages is that over all pairs of places, each of which moves it by what an average keeps of q; two places of one window receive the same gradient, whatever theirs is.
    /// </summary>
    public static Pairs Slope(Gradient gradient, Signal x, double n, double together)
    {
        double kept = Math.Max(1 / n, (1 + ((n - 1) * x.Correlation.Position)) / n);
        Pairs slope = gradient.CorrelationSlope.Map(one => one * kept);
        return new Pairs(slope.Sample, (1 - together) * slope.Position, (together * slope.Sample) + ((1 - together) * slope.Both));
    }

    /// <summary>kappa of the mean becomes a coefficient on each input: by regression, (q' - m^2) / (q - m^2), in units of the roots of q and q'.</summary>
    public static double Alignment(Step step)
    {
        double ratio = Math.Exp(Math.Min(0, step.Output.LnQ - step.Input.LnQ));
        double mean2 = step.Input.MeanRatio * step.Input.MeanRatio;
        return Math.Max(0, ratio - mean2) / Math.Max(1e-9, 1 - mean2) / Math.Sqrt(ratio);
    }
}

/// <summary>An average pool: q' = (q + (N-1) c) / N, p = p' / N^2.</summary>
/// <param name="Kernel">The window's size along each spatial axis.</param>
public sealed record AvgPoolLayer(IReadOnlyList<int> Kernel) : PoolingLayer
{
    /// <inheritdoc/>
    public override string Kind => "AvgPool";

    /// <summary>The strides; null for the kernel's size.</summary>
    public IReadOnlyList<int>? Stride { get; init; }

    /// <summary>The padding; null for 0.</summary>
    public IReadOnlyList<int>? Padding { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes => Kernel.Select(size => ("a kernel size", (double?)size));

    internal override int?[] OutputSizes(Step step) =>
        new Window(Kernel, Stride ?? Kernel, Padding, null).OutputSizes(step.Input.Shape.Spatial(Kernel.Count));

    internal override double Elements(Step step) => Kernel.Aggregate(1.0, (product, size) => product * size);

    internal override Signal Pool(Step step, double n) => Averaging.Forward(step.Input, n);

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput) => Averaging.Backward(step, gradient, n, perInput);
}

/// <summary>An average pool to a fixed output size, 1 by default: the global average.</summary>
/// <param name="OutputSize">The extents of the output; null for 1 along each axis.</param>
public sealed record AdaptiveAvgPoolLayer(IReadOnlyList<int>? OutputSize = null) : PoolingLayer
{
    /// <inheritdoc/>
    public override string Kind => "AdaptiveAvgPool";

    internal override IEnumerable<(string Name, double? Size)> Sizes => (OutputSize ?? Array.Empty<int>()).Select(size => ("an output size", (double?)size));

    internal override int?[] OutputSizes(Step step) => AdaptiveSizes.Of(step, OutputSize);

    internal override double Elements(Step step) => AdaptiveSizes.Elements(step, OutputSize);

    internal override Signal Pool(Step step, double n) => Averaging.Forward(step.Input, n);

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput) => Averaging.Backward(step, gradient, n, perInput);
}

/// <summary>A max pool.</summary>
/// <remarks>
/// The largest of N Gaussians has the density N phi Phi^(N-1); after a monotone activation f the largest output is f of the largest input, so both are treated together:
/// q' = E f(max)^2, and the gradient reaches only the largest, p = p'/N E f'(max)^2.
/// </remarks>
/// <param name="Kernel">The window's size along each spatial axis.</param>
public sealed record MaxPoolLayer(IReadOnlyList<int> Kernel) : PoolingLayer
{
    /// <inheritdoc/>
    public override string Kind => "MaxPool";

    /// <summary>The strides; null for the kernel's size.</summary>
    public IReadOnlyList<int>? Stride { get; init; }

    /// <summary>The padding; null for 0.</summary>
    public IReadOnlyList<int>? Padding { get; init; }

    /// <summary>The dilations; null for 1.</summary>
    public IReadOnlyList<int>? Dilation { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes => Kernel.Select(size => ("a kernel size", (double?)size));

    internal override int?[] OutputSizes(Step step) =>
        new Window(Kernel, Stride ?? Kernel, Padding, Dilation).OutputSizes(step.Input.Shape.Spatial(Kernel.Count));

    internal override double Elements(Step step) => Kernel.Aggregate(1.0, (product, size) => product * size);

    internal override Signal Pool(Step step, double n) => Maximum.Forward(step, n);

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput) => Maximum.Backward(step, gradient, n, perInput);
}

/// <summary>A max pool to a fixed output size, 1 by default: the global maximum.</summary>
/// <param name="OutputSize">The extents of the output; null for 1 along each axis.</param>
public sealed record AdaptiveMaxPoolLayer(IReadOnlyList<int>? OutputSize = null) : PoolingLayer
{
    /// <inheritdoc/>
    public override string Kind => "AdaptiveMaxPool";

    internal override int?[] OutputSizes(Step step) => AdaptiveSizes.Of(step, OutputSize);

    internal override double Elements(Step step) => AdaptiveSizes.Elements(step, OutputSize);

    internal override Signal Pool(Step step, double n) => Maximum.Forward(step, n);

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput) => Maximum.Backward(step, gradient, n, perInput);
}

/// <summary>The sizes of adaptive pools.</summary>
internal static class AdaptiveSizes
{
    public static int?[] Of(Step step, IReadOnlyList<int>? output) =>
        Enumerable.Range(0, PoolingLayer.SpatialAxes(step, output?.Count ?? 1)).Select(axis => (int?)(output is null ? 1 : output[Math.Min(axis, output.Count - 1)])).ToArray();

    public static double Elements(Step step, IReadOnlyList<int>? output)
    {
        double inputs = step.Context.Positions(step.Input with { Axis = UnitAxis.First });
        double outputs = Of(step, output).Aggregate(1.0, (product, size) => product * size!.Value);
        return Math.Max(1, inputs / outputs);
    }
}

/// <summary>The largest of N correlated Gaussians, seen through the activation before the pool.</summary>
internal static class Maximum
{
    /// <summary>A weight below this share of the whole changes nothing in a double.</summary>
    private const double Negligible = 1e-17;

    /// <summary>What neighbours have in common is integrated over every third node.</summary>
    private const int CommonStride = 3;

    private static readonly GaussianQuadrature s_rule = GaussianQuadrature.For(0, 3, new double[] { 0 });
    private static readonly double[] s_cumulative = s_rule.Nodes.Select(SpecialFunctions.NormalCumulative).ToArray();
    private static readonly (double Z, double Weight)[] s_nothingInCommon = { (0, 1) };
    private static readonly (double Z, double Weight)[] s_common = Normalized(s_rule.Nodes.Select((z, i) => (z, i % CommonStride == 0 ? s_rule.Weights[i] : 0)));

    /// <summary>The moments of f(max).</summary>
    public static Signal Forward(Step step, double n)
    {
        Signal x = step.Input;
        (double lnSquare, double mean, _) = Moments(step, n);
        double mean2 = mean * mean;
        return x with
        {
            LnQ = lnSquare,
            MeanRatio = mean,
            Correlation = x.DeviationCorrelation.Map(rho => mean2 + ((1 - mean2) * rho)),
        };
    }

    /// <summary>Each output's gradient goes to one input: p = p' times the outputs per input, times what the slope is more at the maximum than elsewhere.</summary>
    public static Gradient Backward(Step step, Gradient gradient, double n, double perInput)
    {
        (_, _, double slope) = Moments(step, n);
        // Two samples agree on the place of the maximum by chance, and the more the more they are alike.
        Pairs agree = step.Input.DeviationCorrelation.Map(rho => (1 / n) + ((1 - (1 / n)) * rho * rho));
        double units = Math.Exp(0.5 * (step.Output.LnQ - step.Input.LnQ));
        return gradient with
        {
            LnP = gradient.LnP + Math.Log(perInput * slope),
            Correlation = gradient.Correlation.Times(agree with { Position = 1 / n }),
            MeanRatio = gradient.MeanRatio / Math.Sqrt(n),
            Alignment = gradient.Alignment * Math.Min(1, units / Math.Sqrt(n)),
            CorrelationSlope = gradient.CorrelationSlope.Map(slope => slope / n),
        };
    }

    // ln E f(M)^2, E f(M) over its root, and E f'(M)^2 / E f'^2, with M = m + s (sqrt rho z0 + sqrt(1 - rho) max of N). The way back asks for the same as the way there.
    private static (double LnSquare, double Mean, double Slope) Moments(Step step, double n) => step.Maximum ??= FindMoments(step, n);

    private static (double LnSquare, double Mean, double Slope) FindMoments(Step step, double n)
    {
        GraphNode before = step.Context.Graph[step.Node.Inputs[0]];
        (Activation f, Signal u) = before.Layer is ActivationLayer activation
            ? (activation.Function, step.Context.Steps[before.Name].Input)
            : (Activation.Identity, step.Input);
        double lnScale = f.IsHomogeneous ? u.LnQ : 0;
        double root = Math.Exp(0.5 * Math.Max(-300, Math.Min(300, u.LnQ - lnScale)));
        double mean = u.MeanRatio * root;
        double deviation = root * Math.Sqrt(Math.Max(1e-12, 1 - (u.MeanRatio * u.MeanRatio)));
        double rho = Math.Max(0, Math.Min(1, u.DeviationCorrelation.Position));
        double common = Math.Sqrt(rho);
        double own = Math.Sqrt(1 - rho);
        double square = 0;
        double first = 0;
        double slope = 0;
        (double Z, double Weight)[] largest = step.Context.Largest(n, LargestOf);
        foreach ((double shared, double outer) in rho < 1e-9 ? s_nothingInCommon : s_common)
        {
            double centre = mean + (deviation * common * shared);
            foreach ((double z, double inner) in largest)
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
        for (int i = 0; i < s_rule.Nodes.Length; i++)
        {
            double d = f.Slope(mean + (deviation * s_rule.Nodes[i]));
            plain += s_rule.Weights[i] * d * d;
        }

        return (Math.Log(square) + lnScale, first / Math.Sqrt(Math.Max(1e-300, square)), slope / Math.Max(1e-300, plain));
    }

    // The largest of N independent Gaussians: the density goes as phi Phi^(N-1).
    private static (double Z, double Weight)[] LargestOf(double n) =>
        Normalized(s_rule.Nodes.Select((z, i) => (z, s_rule.Weights[i] * Math.Pow(s_cumulative[i], n - 1))));

    private static (double Z, double Weight)[] Normalized(IEnumerable<(double Z, double Weight)> nodes)
    {
        (double Z, double Weight)[] all = nodes.ToArray();
        double total = all.Sum(node => node.Weight);
        return all.Where(node => node.Weight > Negligible * total).Select(node => (node.Z, node.Weight / total)).ToArray();
    }
}
