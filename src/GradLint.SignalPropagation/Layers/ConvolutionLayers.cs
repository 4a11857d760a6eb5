using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>What convolutions and transposed convolutions share: channels first, a window over the spatial axes, groups.</summary>
/// <remarks>
/// Forward n_in = C_in / groups times the taps in range, backward n_out = C_out / groups times the outputs that an input feeds: k^2 / s^2 away from the border
/// (Xiao et al. 2018, section 2). Zero padding takes taps away at the border; the profile of q and p over the positions is carried along, because in a deep
/// stack the centre outlives the border. Covariances at a fixed distance pass unchanged, as every tap has weights of its own.
/// </remarks>
/// <param name="InChannels">C_in; null where it is unknown.</param>
/// <param name="OutChannels">C_out; null where it is unknown.</param>
/// <param name="Kernel">The kernel's size along each spatial axis; its length is the number of spatial axes.</param>
public abstract record ConvolutionBase(int? InChannels, int? OutChannels, IReadOnlyList<int> Kernel) : WeightLayer
{
    /// <summary>The default weights: kaiming_uniform_(a = sqrt 5), Var W = 1 / (3 fan_in).</summary>
    public static Initializer DefaultWeight => LinearLayer.DefaultWeight;

    /// <summary>The default biases: U(-1/sqrt fan_in, 1/sqrt fan_in).</summary>
    public static Initializer DefaultBias => LinearLayer.DefaultBias;

    /// <summary>The strides; null for 1. A list with fewer entries than axes repeats its last one, here and below.</summary>
    public IReadOnlyList<int>? Stride { get; init; }

    /// <summary>The zero padding on each side; null for 0.</summary>
    public IReadOnlyList<int>? Padding { get; init; }

    /// <summary>The dilations; null for 1.</summary>
    public IReadOnlyList<int>? Dilation { get; init; }

    /// <summary>The groups into which the channels are divided; as many as channels for a depthwise convolution.</summary>
    public int Groups { get; init; } = 1;

    internal override IEnumerable<(string Name, double? Size)> Sizes =>
        new (string, double?)[] { ("in channels", InChannels), ("out channels", OutChannels), ("groups", Groups), ("kernel axes", Kernel.Count) }
            .Concat(Kernel.Select(size => ("a kernel size", (double?)size)))
            .Concat((Stride ?? Array.Empty<int>()).Concat(Dilation ?? Array.Empty<int>()).Select(size => ("a stride or dilation", (double?)size)));

    internal override string? Problem =>
        InChannels % Groups is > 0 || OutChannels % Groups is > 0 ? $"has channels that its {Groups} groups do not divide"
        : Padding?.Any(size => size < 0) == true ? "has a negative padding"
        : null;

    /// <summary>The window.</summary>
    internal abstract Window Window { get; }

    /// <summary>Output padding of a transposed convolution.</summary>
    internal virtual IReadOnlyList<int>? ExtraOutput => null;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<int>? OutputExtents(IReadOnlyList<int> input) => Window.Extents(input, ExtraOutput);

    internal override Signal Forward(Step step)
    {
        Signal x = step.Input;
        int?[] sizes = Window.OutputSizes(x.Shape.Spatial(Kernel.Count), ExtraOutput);
        Shape shape = new(new[] { OutChannels }.Concat(sizes).ToArray());
        int[] outputs = Extents(step, sizes);
        (Profile profile, double taps) = Patches(step, outputs);
        double overlap = Window.TapOverlap(InputExtents(step), outputs);
        Signal input = x with
        {
            Axis = UnitAxis.First,
            Profile = profile,
            CorrelationVariance = OfPatch(step),
            Correlation = x.Correlation with { Position = x.Correlation.Position * overlap, Both = x.Correlation.Both * overlap },
        };
        return WeightMatrix.Forward(new Step(step.Node, new[] { input }, step.Context), ChannelsIn(step) / Groups * taps, Independent(step), Bias, Fans(step), shape, UnitAxis.First);
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient)
    {
        int[] inputs = Extents(step, step.Input.Shape.Spatial(Kernel.Count));
        int[] outputs = Extents(step, step.Output.Shape.Spatial(Kernel.Count));
        Profile arriving = gradient.Profile is { } given && given.Fits(outputs) ? given : Profile.Flat(outputs);
        (Profile profile, double fed) = Window.Backward(arriving, inputs);
        double taps = Patches(step, outputs).TapsPerOutput;
        Step channelsFirst = new(step.Node, new[] { step.Input with { Axis = UnitAxis.First } }, step.Context) { Output = step.Output };
        Gradient back = WeightMatrix.Backward(
            channelsFirst, ChannelsIn(step) / Groups * taps, step.Context.Width(OutChannels) / Groups * fed, Independent(step), Fans(step), gradient);
        double overlap = Window.TapOverlapBackward(inputs, outputs);
        return new[]
        {
            back with
            {
                Profile = profile,
                Correlation = back.Correlation with { Position = back.Correlation.Position * overlap, Both = back.Correlation.Both * overlap },
                CorrelationSlope = back.CorrelationSlope.Map(slope => slope * Shared(step)),
            },
        };
    }

    internal override double LnWeightGradient(Step step, Gradient gradient)
    {
        int[] outputs = Extents(step, step.Output.Shape.Spatial(Kernel.Count));
        (Profile patches, double taps) = Patches(step, outputs);
        double overlap = gradient.Profile is { } profile && profile.Fits(outputs) ? profile.Overlap(patches) : 1;
        return Math.Log(step.Context.Width(OutChannels) * ChannelsIn(step) / Groups * taps * overlap) + WeightMatrix.LnGradientPerWeight(step, gradient, OfPatch(step));
    }

    // The way back asks for the same as the way there.
    private (Profile Profile, double TapsPerOutput) Patches(Step step, int[] outputs) => step.Patches ??= Window.Forward(InputProfile(step), outputs);

    // How far the covariance of two samples over a patch follows that at one of its places: places of their own average out.
    private double Shared(Step step) => Averaging.Shared(Window.Taps, step.Input.Correlation.Position);

    // The variance of that covariance over a patch. What comes straight from the input has its channels first.
    private double OfPatch(Step step)
    {
        Signal x = step.Input;
        double unitsFirst = step.Context.Units(x) / step.Context.Units(x with { Axis = UnitAxis.First });
        return x.CorrelationVariance * unitsFirst * Shared(step);
    }

    internal override double WeightCount(Step step) => step.Context.Width(OutChannels) * ChannelsIn(step) / Groups * Window.Taps;

    /// <summary>C_in.</summary>
    internal double ChannelsIn(Step step) => step.Context.Width(InChannels ?? step.Input.Shape.First);

    // Orthogonal kernels are no isometry as soon as they overlap.
    private Initializer Independent(Step step) => Weight.IsOrthogonal && Window.Taps > 1 ? new Measured(0, Weight.Variance(Fans(step))) : Weight;

    private int[] InputExtents(Step step) => Extents(step, step.Input.Shape.Spatial(Kernel.Count));

    private Profile InputProfile(Step step)
    {
        int[] extents = InputExtents(step);
        return step.Input.Profile is { } profile && profile.Fits(extents) ? profile : Profile.Flat(extents);
    }

    private static int[] Extents(Step step, IEnumerable<int?> sizes) => sizes.Select(size => (int)step.Context.Extent(size)).ToArray();
}

/// <summary>A convolution over one, two or three spatial axes.</summary>
/// <param name="InChannels">C_in; null where it is unknown.</param>
/// <param name="OutChannels">C_out; null where it is unknown.</param>
/// <param name="Kernel">The kernel's size along each spatial axis.</param>
public sealed record ConvolutionLayer(int? InChannels, int? OutChannels, IReadOnlyList<int> Kernel) : ConvolutionBase(InChannels, OutChannels, Kernel)
{
    /// <inheritdoc/>
    public override string Kind => "Convolution";

    internal override Window Window => new(Kernel, Stride, Padding, Dilation);

    /// <summary>fan_in = C_in / groups k^2, fan_out = C_out k^2: libtorch does not divide the latter.</summary>
    internal override Fans Fans(Step step) =>
        new(ChannelsIn(step) / Groups * Window.Taps, step.Context.Width(OutChannels) * Window.Taps)
        {
            LargerSide = Math.Max(step.Context.Width(OutChannels), ChannelsIn(step) / Groups * Window.Taps),
        };
}

/// <summary>A transposed convolution over one, two or three spatial axes.</summary>
/// <param name="InChannels">C_in; null where it is unknown.</param>
/// <param name="OutChannels">C_out; null where it is unknown.</param>
/// <param name="Kernel">The kernel's size along each spatial axis.</param>
public sealed record TransposedConvolutionLayer(int? InChannels, int? OutChannels, IReadOnlyList<int> Kernel) : ConvolutionBase(InChannels, OutChannels, Kernel)
{
    /// <inheritdoc/>
    public override string Kind => "TransposedConvolution";

    /// <summary>What is added to one side of the output; null for 0.</summary>
    public IReadOnlyList<int>? OutputPadding { get; init; }

    internal override Window Window => new(Kernel, Stride, Padding, Dilation, isTransposed: true);

    internal override IReadOnlyList<int>? ExtraOutput => OutputPadding;

    /// <summary>The weight is stored as [C_in, C_out / groups, k, k], so that libtorch takes fan_in = C_out / groups k^2.</summary>
    internal override Fans Fans(Step step) =>
        new(step.Context.Width(OutChannels) / Groups * Window.Taps, ChannelsIn(step) * Window.Taps)
        {
            LargerSide = Math.Max(ChannelsIn(step), step.Context.Width(OutChannels) / Groups * Window.Taps),
        };
}
