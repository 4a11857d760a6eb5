using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.Extraction;

/// <summary>Growth and gradient norms of one model, as predicted from its source and as autograd measures them, means over several initializations.</summary>
/// <param name="Name">The class or the factory.</param>
/// <param name="Shape">The shape of the input, without the batch.</param>
/// <param name="PredictedGrowth">Predicted growth in decades; null where it cannot be told.</param>
/// <param name="MeasuredGrowth">Measured growth in decades; null where the model hides its signals.</param>
/// <param name="Layers">The prediction and the measurement of each layer that both know.</param>
internal sealed record Measurement(string Name, IReadOnlyList<long> Shape, double? PredictedGrowth, double? MeasuredGrowth, IReadOnlyList<(LayerFlow Predicted, LayerResult Measured)> Layers)
{
    /// <summary>Measured less predicted log10 |dL/dW| of each layer.</summary>
    public IReadOnlyDictionary<string, double> NormErrors => Layers.ToDictionary(layer => layer.Predicted.Name, layer => layer.Measured.GradientNorm - layer.Predicted.Log10GradientNorm);

    /// <summary>Measures a model with the first input that it takes.</summary>
    /// <param name="candidate">The model.</param>
    /// <param name="seeds">The number of initializations.</param>
    /// <param name="kept">A folder with what was measured earlier, and where it is kept; null for none.</param>
    /// <param name="reason">Why it could not be measured; null where it was.</param>
    public static Measurement? Of(Candidate candidate, int seeds, string? kept, out string? reason)
    {
        NetworkModel model = candidate.Model;
        reason = !model.IsWhole ? "it is not read wholly" : model.Flow?.Stop is { } stop ? stop.Reason : null;
        if (reason is not null)
        {
            return null;
        }

        foreach (long[] shape in InputShapes.For(model.Graph!))
        {
            Trial trial = new(candidate.Image, candidate.Type, candidate.Factory, shape, InputShapes.IndicesOf(model.Graph!));
            if (trial.Run(seeds, kept) is { } measured)
            {
                GradientFlow flow = SignalPropagator.Propagate(WithInput(model.Graph!, shape), new PropagationOptions { BatchSize = Trial.Batch, Loss = model.Loss });
                (LayerFlow, LayerResult)[] layers = [.. flow.Layers.Where(layer => measured.Layers.ContainsKey(layer.Name) && double.IsFinite(layer.Log10GradientNorm))
                    .Select(layer => (layer, measured.Layers[layer.Name]))];
                reason = flow.Stop?.Reason ?? (layers.Length < 2 ? "it has fewer than two layers with gradients" : null);
                return reason is null ? new Measurement(candidate.Name, shape, flow.Growth, measured.Growth, layers) : null;
            }
        }

        reason = "no input that it takes was found";
        return null;
    }

    private static NetworkGraph WithInput(NetworkGraph graph, long[] shape) => new(
        graph.Nodes.Select(node => node.Layer is InputLayer ? node with { Layer = new InputLayer([.. shape.Select(size => (int?)size)]) } : node), graph.Output.Name);
}
