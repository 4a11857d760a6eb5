using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// The network graph of a live module, as the prediction takes it: <see cref="SignalPropagator.Propagate"/>. What a module does inside its forward method cannot be
/// seen from outside; what is taken for granted in its place is listed in <see cref="Assumptions"/>.
/// </summary>
/// <example><code>
/// ModuleGraph model = ModuleGraph.Of(module, input.shape[1..], measureWeights: true);
/// GradientFlow flow = SignalPropagator.Propagate(model.Graph);
/// </code></example>
public sealed class ModuleGraph
{
    internal ModuleGraph(NetworkGraph graph, IReadOnlyList<string> assumptions) => (Graph, Assumptions) = (graph, assumptions);

    /// <summary>
    /// The graph: one node per layer in order of use, named by its path, as <c>named_parameters()</c> names it ("encoder.0"). A layer that is not known is an
    /// <see cref="OpaqueLayer"/> with the reason.
    /// </summary>
    public NetworkGraph Graph { get; }

    /// <summary>What was taken for granted because it cannot be seen from outside, in words for the user. Empty for a model built of <c>Sequential</c> alone.</summary>
    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>Reads a module.</summary>
    /// <param name="module">Any module. <c>Sequential</c> is followed to any depth; a class of your own is taken for its child modules, once each, in order of registration.</param>
    /// <param name="inputShape">The shape of the input without the batch dimension; null where it is unknown.</param>
    /// <param name="measureWeights">
    /// True to take mean and variance of the weights as they are now; false to assume TorchSharp's default initializers. A mean within three standard errors of zero is
    /// taken for zero.
    /// </param>
    public static ModuleGraph Of(nn.Module module, ReadOnlySpan<long> inputShape = default, bool measureWeights = false)
    {
        ArgumentNullException.ThrowIfNull(module);
        int?[]? shape = inputShape.IsEmpty ? null : [.. inputShape.ToArray().Select(size => (int?)size)];
        return new ModuleGraphBuilder(new WeightReader(measureWeights)).Build(module, shape);
    }
}
