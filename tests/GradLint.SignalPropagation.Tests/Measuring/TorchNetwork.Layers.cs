using static TorchSharp.torch;

namespace GradLint.SignalPropagation.Tests.Measuring;

internal sealed partial class TorchNetwork
{
    private Tensor ApplyOther(GraphNode node, Tensor[] inputs) => throw new NotSupportedException($"{node.Layer.Kind} of {inputs.Length}");
}
