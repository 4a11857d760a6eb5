namespace GradLint;

/// <summary>Where a training is after a step.</summary>
/// <param name="Epoch">The epoch, from 1.</param>
/// <param name="Epochs">How many there are to be at most.</param>
/// <param name="StepOfEpoch">The step within the epoch, from 1.</param>
/// <param name="StepsPerEpoch">How many steps an epoch has; null in the first one, where it is not known.</param>
/// <param name="Verdict">What the guard found and did.</param>
public readonly record struct TrainingProgress(int Epoch, int Epochs, long StepOfEpoch, long? StepsPerEpoch, StepVerdict Verdict);
