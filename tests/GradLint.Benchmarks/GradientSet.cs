using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>A model that is nothing but parameters with gradients: so many tensors, so many elements.</summary>
internal sealed class GradientSet : nn.Module
{
    public GradientSet(int tensors, long elements)
        : base("gradients")
    {
        for (int i = 0; i < tensors; i++)
        {
            var parameter = new Parameter(zeros(elements / tensors));
            parameter.grad = randn(elements / tensors);
            register_parameter($"w{i}", parameter);
        }
    }
}
