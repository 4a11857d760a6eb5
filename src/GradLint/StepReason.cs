namespace GradLint;

/// <summary>What the guard found in the loss and in the gradients.</summary>
public enum StepReason
{
    /// <summary>The loss, every gradient element and the gradient norm are finite, and none is out of the ordinary.</summary>
    Finite,

    /// <summary>The loss is NaN or infinite. Reported before anything that is wrong with the gradients.</summary>
    NonFiniteLoss,

    /// <summary>A gradient holds NaN or infinite elements.</summary>
    NonFiniteGradient,

    /// <summary>
    /// Every gradient element is finite, but the norm overflows in the gradients' own type, where
    /// <c>torch.nn.utils.clip_grad_norm_</c> gets infinity and turns every gradient into zero. The guard knows the true norm.
    /// </summary>
    NormOverflow,

    /// <summary>The gradient norm is finite and far above those of the steps before: see <see cref="NormSpikeDetection"/>.</summary>
    Spike,

    /// <summary>The loss is finite and far above those of the steps before: see <see cref="LossSpikeDetection"/>.</summary>
    LossSpike,

    /// <summary>
    /// 32 losses or norms were far above the usual ones, not counting as many as usual ones came in between: they are the usual ones now,
    /// and later steps are judged by them.
    /// Another learning rate, other data or layers that were unfrozen do that.
    /// </summary>
    LevelShift,

    /// <summary>Nothing is known yet: the first step of a guard whose verdicts come late, see <see cref="GradientGuardOptions.Lag"/>.</summary>
    Pending,

    /// <summary>
    /// Loss and gradients are in order, but since the last snapshot a weight has grown as no training lets it grow: see
    /// <see cref="RecoveryOptions.MaxWeightGrowth"/>.
    /// </summary>
    CorruptWeights,

    /// <summary>
    /// No parameter has a gradient: <c>backward()</c> was forgotten, or what it was called on does not depend on the parameters.
    /// The step is harmless and not skipped: TorchSharp's optimizers pass over parameters without a gradient, weight decay included.
    /// Baselines learn nothing from it. Gradients that are zero, such as those that <c>zero_grad()</c> leaves, are gradients.
    /// </summary>
    NoGradient,
}
