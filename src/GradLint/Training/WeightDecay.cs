using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Decoupled weight decay: a step of its own, beside the optimizer's.</summary>
internal sealed class WeightDecay(GradientGuard guard, double decay)
{
    public void Apply()
    {
        if (decay == 0)
        {
            return;
        }

        using IDisposable noGradients = no_grad();
        double[] factors = [.. guard.Optimizer.ParamGroups.Select(group => 1 - (group.LearningRate * decay))];
        foreach ((Parameter parameter, int group) in guard.Parameters.Zip(guard.ParameterGroups))
        {
            if (parameter.requires_grad && parameter.dim() > 1)
            {
                parameter.mul_(factors[group]);
            }
        }
    }
}
