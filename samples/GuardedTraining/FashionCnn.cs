using GradLint;
using Quickstart;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GuardedTraining;

/// <summary>
/// A small convolutional network on Fashion-MNIST. In its report, look at the predicted flow: the measured dots lie in the band, so nothing explodes at the start; and at
/// the update ratios, which fall with the learning rate's schedule.
/// </summary>
internal static class FashionCnn
{
    public static TrainingResult Train(TrainerOptions options)
    {
        using var data = FashionMnist.Load(FashionMnist.ShippedFolder, CPU);
        _ = manual_seed(options.Seed!.Value);
        using Sequential model = Sequential(
            Unflatten(1, [1, 28, 28]),
            Conv2d(1, 12, 3, padding: 1L), ReLU(), MaxPool2d(2),
            Conv2d(12, 24, 3, padding: 1L), ReLU(), MaxPool2d(2),
            Flatten(), Linear(24 * 7 * 7, 10));
        var trainer = new Trainer<(Tensor Images, Tensor Labels)>(
            model,
            batch => functional.cross_entropy(model.call(batch.Images), batch.Labels),
            parameters => optim.SGD(parameters, 0.05, momentum: 0.9),
            options with { Epochs = 6, Scheduler = optimizer => optim.lr_scheduler.StepLR(optimizer, 2, 0.5), EarlyStopping = new() { Patience = 3 } });
        return trainer.Fit(epoch => data.Training.Batches(50, 1, epoch), data.Test.Batches(100, 1, 0));
    }
}
