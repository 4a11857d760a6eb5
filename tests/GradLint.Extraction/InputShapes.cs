using GradLint.SignalPropagation;

namespace GradLint.Extraction;

/// <summary>Shapes of inputs that a network might take, most likely first, from the kind of its first layer.</summary>
internal static class InputShapes
{
    private const long Steps = 16;

    // Some fit any image, and are made for large ones: on small ones their last maps have a single position.
    private static readonly long[] s_anyImage = [128, 64, 32, 224, 299];

    private static readonly long[] s_images = [28, 32, 64, 96, 224, 299];

    private static readonly long[] s_sounds = [8000, 16000, 8192, 1024, 128, 64, 16];

    private static readonly long[] s_volumes = [8, 16, 32];

    /// <summary>The shapes without the batch; none where the first layer does not tell.</summary>
    public static IEnumerable<long[]> For(NetworkGraph graph) => FirstLayer(graph) switch
    {
        ConvolutionBase { InChannels: { } channels } convolution =>
            Extents(graph, convolution.Kernel.Count).Select(extent => (long[])[channels, .. Enumerable.Repeat(extent, convolution.Kernel.Count)]),
        LinearLayer { InFeatures: { } features } => [[features], [Steps, features], .. Images(features)],
        EmbeddingLayer => [[Steps]],
        RecurrentLayer { InputSize: { } size } => [[Steps, size]],
        _ => [],
    };

    /// <summary>The number of indices that the first layer has rows for; 0 where it is no embedding.</summary>
    public static int IndicesOf(NetworkGraph graph) => FirstLayer(graph) is EmbeddingLayer table ? table.Count ?? 100 : 0;

    private static long[] Extents(NetworkGraph graph, int axes) => axes switch
    {
        1 => s_sounds,
        2 => graph.Nodes.Any(node => node.Layer is AdaptiveAvgPoolLayer or AdaptiveMaxPoolLayer) ? s_anyImage : s_images,
        _ => s_volumes,
    };

    // Flattened by the network itself.
    private static IEnumerable<long[]> Images(int features)
    {
        long side = (long)Math.Round(Math.Sqrt(features));
        return side * side == features ? [[1, side, side]] : [];
    }

    private static Layer? FirstLayer(NetworkGraph graph)
    {
        GraphNode[] inputs = [.. graph.Nodes.Where(node => node.Layer is InputLayer)];
        return inputs.Length != 1 ? null : graph.Nodes.FirstOrDefault(node => node.Layer is WeightLayer && Reaches(graph, node, inputs[0].Name))?.Layer;
    }

    private static bool Reaches(NetworkGraph graph, GraphNode node, string input) =>
        node.Inputs.Contains(input) || node.Inputs.Any(before => graph[before].Layer is not WeightLayer && Reaches(graph, graph[before], input));
}
