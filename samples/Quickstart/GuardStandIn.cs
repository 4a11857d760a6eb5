// TODO: delete this file when the library's own GradientGuard is there; nothing else changes.
using static TorchSharp.torch;

namespace GradLint;

internal enum StepOutcome { Applied, Clipped, Skipped }

internal readonly record struct StepVerdict(StepOutcome Outcome, double? Loss, double GradientNorm)
{
    public bool StepApplied => Outcome != StepOutcome.Skipped;
}

internal sealed class GradientGuard(nn.Module model, optim.Optimizer optimizer) : IDisposable
{
    public static GradientGuard For(nn.Module model, optim.Optimizer optimizer) => new(model, optimizer);

    public StepVerdict Step(Tensor loss)
    {
        double norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0);
        optimizer.step();
        return new StepVerdict(norm > 1.0 ? StepOutcome.Clipped : StepOutcome.Applied, loss.item<float>(), norm);
    }

    public void Dispose()
    {
    }
}
