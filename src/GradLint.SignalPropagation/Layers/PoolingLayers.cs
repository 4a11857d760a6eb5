using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>What the pools share: a window without weights over the spatial axes, channels first.</summary>
/// <remarks>
/// Two positions are as much alike as any other two: what overlapping windows make neighbours share is not carried along, so that a second pool of that kind is taken to average, or to
/// choose, over more independent values than there are.
/// </remarks>
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

    /// <summary>Whether a last window may reach beyond the end, so that no input is left out: <c>ceil_mode</c>.</summary>
    public bool RoundsUp { get; init; }

    /// <summary>Whether the zeros of the padding do not count, so that a window is divided by the number of inputs in it: <c>count_include_pad: false</c>.</summary>
    public bool LeavesOutPadding { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes => Kernel.Select(size => ("a kernel size", (double?)size));

    /// <inheritdoc/>
    public override IReadOnlyList<int>? OutputExtents(IReadOnlyList<int> input) => Window.Extents(input);

    internal override int?[] OutputSizes(Step step) => Window.OutputSizes(step.Input.Shape.Spatial(Kernel.Count));

    internal override double Elements(Step step) => WindowPools.InputsRead(step, Window, Kernel.Count);

    internal override Signal Pool(Step step, double n)
    {
        Signal mean = Averaging.Forward(step.Input, n, WindowPools.SharedInputs(step, Window, Kernel.Count) / n);
        return mean with { LnQ = mean.LnQ + LnShare(step, n) };
    }

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput)
    {
        Gradient mean = Averaging.Backward(step, gradient, n, perInput);
        return mean with { LnP = mean.LnP + LnShare(step, n) };
    }

    // The sum over n inputs is divided by the number of places in the padded input; those beyond its end never count.
    private double LnShare(Step step, double n) => LeavesOutPadding ? 0 : 2 * Math.Log(n / WindowPools.PlacesRead(step, Window, Kernel.Count));

    private Window Window => new(Kernel, Stride ?? Kernel, Padding, null, roundsUp: RoundsUp);
}

/// <summary>An average pool to a fixed output size, 1 by default: the global average.</summary>
/// <param name="OutputSize">The extents of the output; null for 1 along each axis.</param>
public sealed record AdaptiveAvgPoolLayer(IReadOnlyList<int>? OutputSize = null) : PoolingLayer
{
    /// <inheritdoc/>
    public override string Kind => "AdaptiveAvgPool";

    internal override IEnumerable<(string Name, double? Size)> Sizes => (OutputSize ?? Array.Empty<int>()).Select(size => ("an output size", (double?)size));

    /// <inheritdoc/>
    public override IReadOnlyList<int>? OutputExtents(IReadOnlyList<int> input) => AdaptiveWindows.Extents(input.Count, OutputSize);

    internal override int?[] OutputSizes(Step step) => AdaptiveWindows.OutputSizes(step, OutputSize);

    internal override double Elements(Step step) => AdaptiveWindows.Elements(step, OutputSize);

    internal override Signal Pool(Step step, double n) => Averaging.Forward(step.Input, n, AdaptiveWindows.SharedInputs(step, OutputSize));

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

    /// <summary>Whether a last window may reach beyond the end, so that no input is left out: <c>ceil_mode</c>.</summary>
    public bool RoundsUp { get; init; }

    internal override IEnumerable<(string Name, double? Size)> Sizes => Kernel.Select(size => ("a kernel size", (double?)size));

    /// <inheritdoc/>
    public override IReadOnlyList<int>? OutputExtents(IReadOnlyList<int> input) => Window.Extents(input);

    internal override int?[] OutputSizes(Step step) => Window.OutputSizes(step.Input.Shape.Spatial(Kernel.Count));

    internal override double Elements(Step step) => WindowPools.InputsRead(step, Window, Kernel.Count);

    internal override Signal Pool(Step step, double n)
    {
        int?[] outputs = OutputSizes(step);
        return Maximum.Forward(step, n, Shape.Product(outputs) is > 1 and int count ? Window.SharedMaxima(outputs) / (count - 1) : 0);
    }

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput) =>
        Maximum.Backward(step, gradient, n, perInput, Window.SharedMaxima(OutputSizes(step)));

    /// <summary>The number of inputs that n neighbouring outputs read together.</summary>
    internal double ElementsOfWindows(Step step, double n)
    {
        IReadOnlyList<int> strides = Stride ?? Kernel;
        double elements = 1;
        for (int axis = 0; axis < Kernel.Count; axis++)
        {
            double stride = strides[Math.Min(axis, strides.Count - 1)];
            elements *= Math.Pow(Elements(step), 1.0 / Kernel.Count) + ((Math.Pow(n, 1.0 / Kernel.Count) - 1) * stride);
        }

        return elements;
    }

    private Window Window => new(Kernel, Stride ?? Kernel, Padding, Dilation, roundsUp: RoundsUp);
}

/// <summary>A max pool to a fixed output size, 1 by default: the global maximum.</summary>
/// <param name="OutputSize">The extents of the output; null for 1 along each axis.</param>
public sealed record AdaptiveMaxPoolLayer(IReadOnlyList<int>? OutputSize = null) : PoolingLayer
{
    /// <inheritdoc/>
    public override string Kind => "AdaptiveMaxPool";

    /// <inheritdoc/>
    public override IReadOnlyList<int>? OutputExtents(IReadOnlyList<int> input) => AdaptiveWindows.Extents(input.Count, OutputSize);

    internal override int?[] OutputSizes(Step step) => AdaptiveWindows.OutputSizes(step, OutputSize);

    internal override double Elements(Step step) => AdaptiveWindows.Elements(step, OutputSize);

    internal override Signal Pool(Step step, double n) => Maximum.Forward(step, n);

    internal override Gradient Unpool(Step step, Gradient gradient, double n, double perInput) => Maximum.Backward(step, gradient, n, perInput, again: 0);
}

/// <summary>What windows of pools read.</summary>
internal static class WindowPools
{
    /// <summary>The inputs that an output reads, on average; the size of the kernel where extents are unknown.</summary>
    public static double InputsRead(Step step, Window window, int axes) =>
        Extents(step, window, axes) is var (inputs, outputs) ? Math.Max(1, window.InputsPerOutput(inputs, outputs)) : window.Taps;

    /// <summary>The same with the padding.</summary>
    public static double PlacesRead(Step step, Window window, int axes) =>
        Extents(step, window, axes) is var (inputs, outputs) ? Math.Max(1, window.PlacesPerOutput(inputs, outputs)) : window.Taps;

    /// <summary>The inputs of an output that another one reads, too, on average; none where extents are unknown, and so may be large.</summary>
    public static double SharedInputs(Step step, Window window, int axes) => Extents(step, window, axes) is var (inputs, outputs)
        ? window.SharedInputs(inputs, outputs) / Math.Max(1, outputs.Aggregate(1.0, (product, size) => product * size) - 1)
        : 0;

    private static (int[] Inputs, int[] Outputs)? Extents(Step step, Window window, int axes)
    {
        int?[] inputs = step.Input.Shape.Spatial(axes);
        return inputs.All(size => size is not null)
            ? (inputs.Select(size => size!.Value).ToArray(), window.OutputSizes(inputs).Select(size => size!.Value).ToArray())
            : null;
    }
}

/// <summary>The windows of adaptive pools: along an axis of I inputs and O outputs, output o reads from floor(o I / O) to ceil((o + 1) I / O), so that windows overlap where O does not divide I.</summary>
internal static class AdaptiveWindows
{
    /// <summary>The extents of the output.</summary>
    public static int?[] OutputSizes(Step step, IReadOnlyList<int>? output) =>
        Extents(PoolingLayer.SpatialAxes(step, output?.Count ?? 1), output).Select(size => (int?)size).ToArray();

    /// <summary>The same, whatever the input.</summary>
    public static IReadOnlyList<int> Extents(int axes, IReadOnlyList<int>? output) =>
        Enumerable.Range(0, axes).Select(axis => output is null ? 1 : output[Math.Min(axis, output.Count - 1)]).ToArray();

    /// <summary>The number of inputs of an output; where windows differ, that of which the inverse is the mean: an average over n has q / n of what is independent.</summary>
    public static double Elements(Step step, IReadOnlyList<int>? output) => Axes(step, output).Aggregate(1.0, (product, axis) => product / InverseSize(axis.Inputs, axis.Outputs));

    /// <summary>The share of the pairs of inputs of two outputs that are the same input.</summary>
    public static double SharedInputs(Step step, IReadOnlyList<int>? output)
    {
        (int Inputs, int Outputs)[] axes = Axes(step, output);
        double outputs = axes.Aggregate(1.0, (product, axis) => product * axis.Outputs);
        double all = axes.Aggregate(1.0, (product, axis) => product * SameInput(axis.Inputs, axis.Outputs)) * outputs * outputs;
        return outputs > 1 ? Math.Max(0, all - (outputs / Elements(step, output))) / (outputs * (outputs - 1)) : 0;
    }

    private static (int Inputs, int Outputs)[] Axes(Step step, IReadOnlyList<int>? output)
    {
        int?[] outputs = OutputSizes(step, output);
        return step.Input.Shape.Spatial(outputs.Length).Zip(outputs, (inputs, size) => ((int)step.Context.Extent(inputs), size!.Value)).ToArray();
    }

    private static IEnumerable<(int Start, int End)> Windows(int inputs, int outputs) =>
        Enumerable.Range(0, outputs).Select(output => (output * inputs / outputs, (((output + 1) * inputs) + outputs - 1) / outputs));

    private static double InverseSize(int inputs, int outputs) => Windows(inputs, outputs).Average(window => 1.0 / (window.End - window.Start));

    // That inputs of two outputs are the same, over all pairs of outputs: the sum over the inputs of the square of what they are drawn with.
    private static double SameInput(int inputs, int outputs)
    {
        double[] drawn = new double[inputs];
        foreach ((int start, int end) in Windows(inputs, outputs))
        {
            for (int i = start; i < end; i++)
            {
                drawn[i] += 1.0 / (end - start) / outputs;
            }
        }

        return drawn.Sum(share => share * share);
    }
}
