using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>
/// What the shape of a network's input must be, from the layers that read it: sequences, where a recurrent layer or attention does; images of the size at which the linear layer behind a
/// flattening fits, or of a usual one. Without it each layer's extents would be unknown for themselves, as if no stride made an image smaller.
/// </summary>
internal static class InputShapes
{
    private const int LargestImage = 512;

    // Those of MNIST, of CIFAR and of ImageNet, and powers of 2; for one axis and three likewise.
    private static readonly int[][] s_usual = [[16, 64, 256, 1024], [32, 28, 64, 128, 224, 256], [16, 32, 64]];

    /// <summary>The nodes, in their order, with the inputs' shapes.</summary>
    public static IEnumerable<GraphNode> In(IReadOnlyList<GraphNode> nodes, GraphRecorder recorder)
    {
        // Whoever reads a node comes after it, so that what it is is known by then.
        var sequences = new HashSet<string>();
        var images = new Dictionary<string, ConvolutionBase>();
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            bool keeps = KeepsThePositions(nodes[i].Layer);
            if (nodes[i].Layer is RecurrentLayer or MultiheadAttentionLayer or CompositeLayer || (keeps && nodes[i].Layer is not BatchNormLayer && sequences.Contains(nodes[i].Name)))
            {
                sequences.UnionWith(nodes[i].Inputs);
            }
            else if (nodes[i].Layer is ConvolutionBase || (keeps && nodes[i].Layer is not LinearLayer && images.ContainsKey(nodes[i].Name)))
            {
                ConvolutionBase reader = nodes[i].Layer as ConvolutionBase ?? images[nodes[i].Name];
                foreach (string input in nodes[i].Inputs)
                {
                    images[input] = reader;
                }
            }
        }

        int? size = null;
        return nodes.Select(node => node.Layer is not InputLayer { Shape: null } ? node
            : sequences.Contains(node.Name) ? node with { Layer = new InputLayer([null, null]) }
            : images.TryGetValue(node.Name, out ConvolutionBase? first) && (size ??= SizeOf(nodes, first, recorder)) is { } known
                ? node with { Layer = new InputLayer([first.InChannels, .. Enumerable.Repeat<int?>(known, first.Kernel.Count)]) }
            : node).ToArray();
    }

    private static bool KeepsThePositions(Layer layer) =>
        layer is LinearLayer or LayerNormLayer or BatchNormLayer or ActivationLayer or DropoutLayer or ScaleLayer or DetachLayer or AddLayer;

    /// <summary>The extent along each axis; null where none fits.</summary>
    private static int? SizeOf(IReadOnlyList<GraphNode> nodes, ConvolutionBase first, GraphRecorder recorder)
    {
        if (first.Kernel.Count > s_usual.Length)
        {
            return null;
        }

        (ExtentsFit Fit, int? Size) best = (ExtentsFit.TooSmall, null);
        foreach (int size in Candidates(nodes, first))
        {
            ExtentsFit fit = Fit(nodes, first, size);
            if (fit is ExtentsFit.Asked or ExtentsFit.Possible)
            {
                best = (fit, size);
                break;
            }

            if (fit == ExtentsFit.Scant && best.Size is null)
            {
                best = (fit, size);
            }
        }

        if (best.Size is { } chosen)
        {
            recorder.Assume($"the extents of the input are {chosen}" + (best.Fit == ExtentsFit.Asked ? ", at which the linear layer behind them fits" : string.Empty));
        }

        return best.Size;
    }

    /// <summary>The smallest that is not too small: the larger the input, the larger all that becomes of it.</summary>
    private static int Smallest(IReadOnlyList<GraphNode> nodes, ConvolutionBase first)
    {
        (int tooSmall, int size) = (0, LargestImage);
        while (size - tooSmall > 1)
        {
            int middle = (tooSmall + size) / 2;
            (tooSmall, size) = Fit(nodes, first, middle) == ExtentsFit.TooSmall ? (middle, size) : (tooSmall, middle);
        }

        return size;
    }

    /// <summary>The usual sizes, then the least that goes through; what a generator makes larger starts as one point.</summary>
    private static IEnumerable<int> Candidates(IReadOnlyList<GraphNode> nodes, ConvolutionBase first)
    {
        if (first is TransposedConvolutionLayer && IsAll(first.Stride, 1) && IsAll(first.Padding, 0))
        {
            yield return 1;
        }

        foreach (int size in s_usual[first.Kernel.Count - 1])
        {
            yield return size;
        }

        yield return Smallest(nodes, first);
    }

    private static ExtentsFit Fit(IReadOnlyList<GraphNode> nodes, ConvolutionBase first, int size) => Extents.Fit(nodes, [.. Enumerable.Repeat(size, first.Kernel.Count)]);

    private static bool IsAll(IReadOnlyList<int>? sizes, int expected) => sizes?.All(size => size == expected) != false;
}
