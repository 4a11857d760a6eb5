using static TorchSharp.torch;

namespace GradLint.Faults;

internal sealed class UnguardedSteps(optim.Optimizer optimizer) : IStepMethod
{
    public long TakeStep(Tensor loss)
    {
        optimizer.step()?.Dispose();
        return 0;
    }

    public void Dispose()
    {
    }
}
