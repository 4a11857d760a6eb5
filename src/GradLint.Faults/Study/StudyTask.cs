using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>A model and what it is trained on.</summary>
/// <param name="Model">Is disposed after the run.</param>
/// <param name="LossOfBatch">The loss of the batch of a step, which counts from 0; <c>backward()</c> is called on it by the study.</param>
/// <param name="FinalLoss">
/// The loss that is compared, called once after the last step: on data that are the same in all runs of a seed, and many enough that
/// chance hardly moves it.
/// </param>
public sealed record StudyTask(nn.Module Model, Func<int, Tensor> LossOfBatch, Func<Tensor> FinalLoss);
