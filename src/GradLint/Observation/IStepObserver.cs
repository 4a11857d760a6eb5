namespace GradLint;

/// <summary>Is told of every step of a <see cref="GradientGuard"/>: see <see cref="GradientGuard.Observe"/>.</summary>
/// <remarks>All calls come from the training loop's thread, within the step: what they do takes the step's time.</remarks>
public interface IStepObserver
{
    /// <summary>The gradients were measured, and nothing was decided or clipped yet.</summary>
    void OnMeasured(in StepMeasurement measurement);

    /// <summary>
    /// The step was judged and, after <see cref="GradientGuard.Step"/>, taken if it may be. Comes alone, without a measurement, once the
    /// guard has stopped.
    /// </summary>
    void OnJudged(in StepVerdict verdict);

    /// <summary>
    /// Something is worth a look: after the verdict on its step, which has it among <see cref="StepVerdict.Advice"/>, or out of
    /// <see cref="GradientGuard.RecordValidation"/>. Does nothing unless it is implemented.
    /// </summary>
    void OnAdvised(Advice advice)
    {
    }
}
