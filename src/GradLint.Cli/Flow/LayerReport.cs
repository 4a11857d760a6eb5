using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.Cli.Flow;

/// <summary>One weight layer of a network.</summary>
/// <param name="Name">Its path in the model.</param>
/// <param name="Kind">Its TorchSharp class.</param>
/// <param name="Shape">Its sizes, such as <c>784 -> 128</c>.</param>
/// <param name="Initialization">How its weights are drawn.</param>
internal sealed record LayerReport(string Name, string Kind, string Shape, string Initialization)
{
    /// <summary>log10 |dL/dW|, Frobenius; null where it is not predicted.</summary>
    public double? Log10GradientNorm { get; private init; }

    /// <summary>The ends of the interval for one initialization, about 95 %.</summary>
    public (double Low, double High)? Interval { get; private init; }

    /// <summary>All weight layers in order of use, with the prediction.</summary>
    public static IReadOnlyList<LayerReport> Predicted(NetworkModel model, GradientFlow flow)
    {
        Dictionary<string, GraphNode> nodes = model.Graph!.Nodes.ToDictionary(node => node.Name);
        return [.. flow.Layers.Select(layer => Describe(layer.Name, layer.Kind, nodes.GetValueOrDefault(layer.Name)?.Layer, model) with
        {
            Log10GradientNorm = double.IsNaN(layer.Log10GradientNorm) ? null : layer.Log10GradientNorm,
            Interval = double.IsFinite(layer.Log10GradientNormLow) && double.IsFinite(layer.Log10GradientNormHigh)
                ? (layer.Log10GradientNormLow, layer.Log10GradientNormHigh)
                : null,
        })];
    }

    /// <summary>The weight layers as far as they are known: those that <c>forward</c> was seen to use, else those that were created.</summary>
    public static IReadOnlyList<LayerReport> Unpredicted(NetworkModel model) => model.Graph is { } graph
        ? [.. graph.Nodes.Where(node => node.Layer is WeightLayer).Select(node => Describe(node.Name, node.Layer.Kind, node.Layer, model))]
        : [.. model.Root.SelfAndDescendants().OfType<LayerModule>().Where(module => module.Layer is WeightLayer)
            .Select(module => Describe(module.Path ?? module.Layer.Kind, module.Layer.Kind, module.Layer, module))];

    private static LayerReport Describe(string name, string kind, Layer? layer, NetworkModel model) =>
        Describe(name, kind, layer, model.Layers.GetValueOrDefault(name));

    private static LayerReport Describe(string name, string kind, Layer? layer, LayerModule? module) =>
        new(name, module?.Type?.Name ?? kind, layer is null ? "" : LayerText.Shape(layer), layer is WeightLayer weights ? LayerText.Initialization(weights) : "");
}
