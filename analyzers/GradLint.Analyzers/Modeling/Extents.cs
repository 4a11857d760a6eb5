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

    /// <summary>It goes through, but of so few points a side that hardly anybody would train it on them.</summary>
    Scant,

    /// <summary>Nothing speaks against it.</summary>
    Possible,

    /// <summary>A linear layer reads just as many features.</summary>
    Asked,
}

/// <summary>The spatial extents of the layers of a network.</summary>
internal static class Extents
{
    /// <summary>Sizes that people train on leave a convolution at least as many points a side to read: ResNet-18 reads 4 of the 32 of CIFAR, DCGAN 4 of 64.</summary>
    private const int FewestRead = 4;

    /// <param name="nodes">The network, in order.</param>
    /// <param name="input">The extents of its inputs.</param>
    public static ExtentsFit Fit(IReadOnlyList<GraphNode> nodes, IReadOnlyList<int> input)
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

                fit = read.IsAdapted ? fit : ExtentsFit.Asked;
            }

            if (fit == ExtentsFit.Possible && ReadsScantly(node, images))
            {
                fit = ExtentsFit.Scant;
            }

            Image? image = node.Layer is InputLayer ? new Image(null, input) : After(node, [.. node.Inputs.Select(name => images.TryGetValue(name, out Image? known) ? known : null)]);
            if (image is null)
            {
                continue;
            }

            if (image.Extents.Any(extent => extent < 1))
            {
                return ExtentsFit.TooSmall;
            }

            images[node.Name] = image;
        }

        return fit;
    }

    // What reads single points, as behind a global pool, says nothing about their number.
    private static bool ReadsScantly(GraphNode node, Dictionary<string, Image> images) =>
        node.Layer is ConvolutionLayer convolution && convolution.Kernel.Any(size => size > 1)
        && images.TryGetValue(node.Inputs[0], out Image? read) && read.Extents.Any(extent => extent < FewestRead);

    private static Image? After(GraphNode node, Image?[] inputs) => inputs.FirstOrDefault() is not { } image ? null : node.Layer switch
    {
        FlattenLayer => image with { Channels = image.Extents.Aggregate(image.Channels, (product, extent) => product * extent), Extents = [], IsFlat = true },
        ConcatLayer => image with { Channels = inputs.Aggregate((int?)0, (sum, part) => sum + part?.Channels) },
        ActivationLayer or DropoutLayer or ScaleLayer or DetachLayer or AddLayer or ProductLayer or NormalizationLayer => image,
        _ when node.Layer.OutputExtents(image.Extents) is { } extents => image with
        {
            Channels = (node.Layer as ConvolutionBase)?.OutChannels ?? image.Channels,
            Extents = extents,
            IsAdapted = image.IsAdapted || node.Layer is AdaptiveAvgPoolLayer or AdaptiveMaxPoolLayer,
        },
        _ => null,
    };

    /// <summary>The channels of an image and its extents; or the features that it becomes. Adapted ones are the same whatever the input.</summary>
    private sealed record Image(int? Channels, IReadOnlyList<int> Extents, bool IsFlat = false, bool IsAdapted = false);
}
