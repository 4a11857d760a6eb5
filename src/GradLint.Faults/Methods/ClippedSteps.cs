using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary><c>clip_grad_norm_</c> with the usual threshold of 1.0, and nothing else.</summary>
internal sealed class ClippedSteps(nn.Module model, optim.Optimizer optimizer) : IStepMethod
{
    public long TakeStep(Tensor loss)
    {
        _ = nn.utils.clip_grad_norm_(model.parameters(), 1.0);
        optimizer.step()?.Dispose();
        return 0;
    }

    public void Dispose()
    {
    }
}
