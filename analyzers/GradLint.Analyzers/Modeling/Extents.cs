using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>Whether an input of some size can go through a network.</summary>
internal enum ExtentsFit
{
    /// <summary>It becomes smaller than a kernel, or a linear layer reads more features.</summary>
    TooSmall,

    /// <summary>A linear layer reads fewer features.</summary>
    TooLarge,

    /// <summary>Nothing speaks against it.</summary>
    Possible,

    /// <summary>A linear layer reads just as many features.</summary>
    Asked,
}

/// <summary>The spatial extents of the layers of a network.</summary>
internal static class Extents
{
    public static ExtentsFit Fit(IReadOnlyList<GraphNode> nodes, int input)
    {
        var images = new Dictionary<string, Image>();
        ExtentsFit fit = ExtentsFit.Possible;
        foreach (GraphNode node in nodes)
        {
            if (node.Layer is LinearLayer { InFeatures: { } features } && images.TryGetValue(node.Inputs[0], out Image? read) && read is { IsFlat: true, Channels: { } given })
            {
                if (features != given)
                {
                    return features > given ? ExtentsFit.TooSmall : ExtentsFit.TooLarge;
                }

                fit = ExtentsFit.Asked;
            }

            Image? image = node.Layer is InputLayer ? new Image(null, null) : After(node, [.. node.Inputs.Select(name => images.TryGetValue(name, out Image? known) ? known : null)], input);
            if (image is null)
            {
                continue;
            }

            if (image.Extents?.Any(extent => extent < 1) == true)
            {
                return ExtentsFit.TooSmall;
            }

            images[node.Name] = image;
        }

        return fit;
    }

    private static Image? After(GraphNode node, Image?[] inputs, int input)
    {
        if (inputs.Length == 0 || inputs[0] is not { } image)
        {
            return null;
        }

        int[] extents(int axes) => image.Extents ?? [.. Enumerable.Repeat(input, axes)];
        switch (node.Layer)
        {
            case TransposedConvolutionLayer layer:
                return new Image(layer.OutChannels, [.. extents(layer.Kernel.Count).Select((extent, axis) =>
                    ((extent - 1) * At(layer.Stride, axis, 1)) - (2 * At(layer.Padding, axis, 0)) + (At(layer.Dilation, axis, 1) * (layer.Kernel[axis] - 1)) + At(layer.OutputPadding, axis, 0) + 1)]);
            case ConvolutionLayer layer:
                return new Image(layer.OutChannels, Windows(extents(layer.Kernel.Count), layer.Kernel, layer.Stride, layer.Padding, layer.Dilation, roundsUp: false));
            case MaxPoolLayer layer:
                return image with { Extents = Windows(extents(layer.Kernel.Count), layer.Kernel, layer.Stride ?? layer.Kernel, layer.Padding, layer.Dilation, layer.RoundsUp) };
            case AvgPoolLayer layer:
                return image with { Extents = Windows(extents(layer.Kernel.Count), layer.Kernel, layer.Stride ?? layer.Kernel, layer.Padding, null, layer.RoundsUp) };
            case AdaptiveAvgPoolLayer { OutputSize: var sizes } when image.Extents is not null:
                return image with { Extents = [.. image.Extents.Select((_, axis) => At(sizes, axis, 1))] };
            case AdaptiveMaxPoolLayer { OutputSize: var sizes } when image.Extents is not null:
                return image with { Extents = [.. image.Extents.Select((_, axis) => At(sizes, axis, 1))] };
            case FlattenLayer when image.Extents is not null:
                return new Image(image.Extents.Aggregate(image.Channels, (product, extent) => product * extent), null, IsFlat: true);
            case ConcatLayer:
                return image with { Channels = inputs.Aggregate((int?)0, (sum, part) => sum + part?.Channels) };
            case ActivationLayer or DropoutLayer or ScaleLayer or AddLayer or ProductLayer or NormalizationLayer:
                return image;
            default:
                return null;
        }
    }

    private static int[] Windows(int[] extents, IReadOnlyList<int> kernel, IReadOnlyList<int>? stride, IReadOnlyList<int>? padding, IReadOnlyList<int>? dilation, bool roundsUp) =>
        [.. extents.Select((extent, axis) =>
        {
            int slack = extent + (2 * At(padding, axis, 0)) - (At(dilation, axis, 1) * (kernel[axis] - 1)) - 1;
            return slack < 0 ? 0 : ((slack + (roundsUp ? At(stride, axis, 1) - 1 : 0)) / At(stride, axis, 1)) + 1;
        })];

    private static int At(IReadOnlyList<int>? sizes, int axis, int missing) => sizes is not { Count: > 0 } ? missing : sizes[System.Math.Min(axis, sizes.Count - 1)];

    /// <summary>The channels of an image and its extents, which only a layer tells; or the features that it becomes.</summary>
    private sealed record Image(int? Channels, int[]? Extents, bool IsFlat = false);
}
