using static TorchSharp.torch;

namespace GradLint.Faults;

internal sealed class GuardedSteps(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions? options) : IStepMethod
{
    private readonly GradientGuard _guard = GradientGuard.For(model, optimizer, options);

    public long TakeStep(Tensor loss)
    {
        StepVerdict verdict = _guard.Step(loss);
        return verdict.StepApplied ? 0 : verdict.Outcome == StepOutcome.RolledBack ? 1 + verdict.Step - verdict.RestoredStep!.Value : 1;
    }

    public void Dispose() => _guard.Dispose();
}
