namespace GradLint;

/// <summary>What one epoch of a training came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Step">The number of its last step.</param>
/// <param name="Loss">The mean loss of the steps that were taken; NaN if there were none.</param>
/// <param name="ValidationLoss">The mean loss of the validation batches; null without such.</param>
public sealed record EpochResult(int Epoch, long Step, double Loss, double? ValidationLoss);
