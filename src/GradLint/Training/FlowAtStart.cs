using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Holds the prediction for a model against a measurement on its first batch, of which nothing is known but the loss.</summary>
internal static class FlowAtStart
{
    public static FlowComparison Of(nn.Module model, Func<Tensor> loss, PropagationOptions options)
    {
        long[] input = [];
        // The shape of the input shows when the model is run by its call, which the measurement relies on, too.
        var hook = (model as nn.Module<Tensor, Tensor>)?.register_forward_pre_hook((_, x) =>
        {
            input = x.shape;
            return x;
        });
        FlowMeasurement measured;
        try
        {
            measured = FlowMeasurement.Of(model, loss);
        }
        finally
        {
            hook?.remove();
        }

        ModuleGraph graph = ModuleGraph.Of(model, input.Length > 1 ? input.AsSpan(1) : default, measureWeights: true);
        PropagationOptions known = input.Length > 1 ? options with { BatchSize = (int)input[0] } : options;
        return FlowComparison.Of(SignalPropagator.Propagate(graph.Graph, known), measured, graph.Assumptions);
    }
}
