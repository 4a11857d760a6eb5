namespace GradLint;

/// <summary>What the guard did with one optimizer step.</summary>
public enum StepOutcome
{
    /// <summary>The gradients were left as they were.</summary>
    Applied,

    /// <summary>The gradients were made smaller: see <see cref="GradientGuardOptions.Clipping"/>.</summary>
    Clipped,

    /// <summary>The step must not be taken: parameters, moments, step count and weight decay stay as they are.</summary>
    Skipped,

    /// <summary>
    /// Steps failed again and again: model, optimizer and random numbers are back at an earlier state that was in order, the
    /// learning rate may be lower. Where only skipped steps lie between the last good one and now, that state is the present one, and
    /// no step is lost. The step must not be taken; go on with the next batch. See <see cref="RecoveryOptions"/>.
    /// </summary>
    RolledBack,

    /// <summary>
    /// Rolling back did not help: the guard takes no more steps, and the loop should end. <see cref="StepVerdict.Report"/> says what
    /// happened. Model and optimizer are at the last state that was in order.
    /// </summary>
    Stopped,
}
