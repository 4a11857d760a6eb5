using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// Skips a step whose loss or gradient norm is not finite, and clips the others: what Lightning, Megatron-LM and loss scalers come to.
/// </summary>
internal sealed class FiniteStepsOnly(nn.Module model, optim.Optimizer optimizer) : PublishedMethod(model, optimizer)
{
    public override long TakeStep(Tensor loss)
    {
        if (!float.IsFinite(loss.item<float>()) || !double.IsFinite(GradientNorm()))
        {
            return 1;
        }

        Clip(MaxNorm);
        return Apply();
    }
}
