using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Decoupled weight decay: a step of its own, beside the optimizer's.</summary>
internal sealed class WeightDecay(optim.Optimizer optimizer, double decay)
{
    private readonly Parameter[] _weights = [.. optimizer.parameters().Where(parameter => parameter.dim() > 1)];
    private readonly optim.ILearningRateController _rate = optimizer.ParamGroups.First();

    public void Apply()
    {
        if (decay == 0)
        {
            return;
        }

        using IDisposable noGradients = no_grad();
        double factor = 1 - (_rate.LearningRate * decay);
        foreach (Parameter weight in _weights)
        {
            weight.mul_(factor);
        }
    }
}
