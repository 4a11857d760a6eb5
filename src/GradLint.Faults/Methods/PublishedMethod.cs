using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>What published protections have in common: they look at the norm of all gradients, then clip and step.</summary>
internal abstract class PublishedMethod(nn.Module model, optim.Optimizer optimizer) : IStepMethod
{
    protected const double MaxNorm = 1.0;

    private readonly Parameter[] _parameters = [.. model.parameters()];

    public abstract long TakeStep(Tensor loss);

    public void Dispose()
    {
    }

    /// <summary>As they compute it: in the gradients' own type.</summary>
    protected double GradientNorm()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] norms = [.. _parameters.Select(parameter => parameter.grad).OfType<Tensor>().Select(gradient => linalg.vector_norm(gradient))];
        return linalg.vector_norm(stack(norms)).item<float>();
    }

    protected void Clip(double maxNorm) => _ = nn.utils.clip_grad_norm_(_parameters, maxNorm);

    protected long Apply()
    {
        optimizer.step()?.Dispose();
        return 0;
    }
}
