using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>A way of protecting a training that a study compares.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Attach">Makes it for a model and its optimizer; called once per run.</param>
public sealed record StudyMethod(string Name, Func<nn.Module, optim.Optimizer, IStepMethod> Attach)
{
    /// <summary>GradLint's guard.</summary>
    /// <param name="options">Null stands for the defaults.</param>
    /// <param name="name">What the tables call it.</param>
    public static StudyMethod Guard(GradientGuardOptions? options = null, string name = "GradientGuard") =>
        new(name, (model, optimizer) => new GuardedSteps(model, optimizer, options));

    /// <summary>The guard with its defaults, no protection, <c>clip_grad_norm_</c>, and what others have published.</summary>
    public static IReadOnlyList<StudyMethod> Standard { get; } =
    [
        Guard(),
        new("no guard", (model, optimizer) => new UnguardedSteps(optimizer)),
        new("clip_grad_norm_", (model, optimizer) => new ClippedSteps(model, optimizer)),
        new("NaN check + clip", (model, optimizer) => new FiniteStepsOnly(model, optimizer)),
        new("AutoClip", (model, optimizer) => new AutoClipSteps(model, optimizer)),
        new("ZClip", (model, optimizer) => new ZClipSteps(model, optimizer)),
        new("OLMo skip-step", (model, optimizer) => new SkipStepSteps(model, optimizer)),
    ];
}

/// <summary>Takes the optimizer steps of one run, or leaves them.</summary>
public interface IStepMethod : IDisposable
{
    /// <summary>To be called once per step, after <c>backward()</c>, instead of <c>optimizer.step()</c>.</summary>
    /// <param name="loss">The loss of this step.</param>
    /// <returns>How many steps' work is lost: 0 if the step was taken, 1 if it was skipped, more after a roll-back.</returns>
    long TakeStep(Tensor loss);
}
