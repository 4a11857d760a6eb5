using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>The three ways of taking a step that published results are reproduced with.</summary>
internal enum Protection
{
    None,
    ClipGradNorm,
    Guard,
}

/// <summary>Takes a training's steps under one of the protections.</summary>
internal sealed class Stepping(Protection protection, nn.Module model, optim.Optimizer optimizer) : IDisposable
{
    private readonly Parameter[] _parameters = [.. model.parameters()];
    private readonly GradientGuard? _guard = protection == Protection.Guard ? GradientGuard.For(model, optimizer) : null;

    public static IReadOnlyList<Protection> All { get; } = Enum.GetValues<Protection>();

    public static string NameOf(Protection protection) => protection switch
    {
        Protection.None => "no guard",
        Protection.ClipGradNorm => "clip_grad_norm_(1.0)",
        _ => "GradientGuard",
    };

    /// <summary>To be called after <c>backward()</c>. False if the training is over because the guard has stopped it.</summary>
    public bool Step(Tensor loss)
    {
        if (_guard is not null)
        {
            return _guard.Step(loss).Outcome != StepOutcome.Stopped;
        }

        if (protection == Protection.ClipGradNorm)
        {
            _ = nn.utils.clip_grad_norm_(_parameters, 1.0);
        }

        optimizer.step()?.Dispose();
        return true;
    }

    public void Dispose() => _guard?.Dispose();
}
