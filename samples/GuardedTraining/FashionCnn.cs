using GradLint;
using Quickstart;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GuardedTraining;

/// <summary>
/// A small convolutional network on Fashion-MNIST. In its report, look at the share of clipped steps: at 93 % the threshold, not the learning rate, sets how far a step goes, and
/// the report suggests another one. At the update ratios, which fall with the learning rate's schedule. And at the flow: the dots run along the predicted band, a little below
/// it, because pixels are smaller than the N(0, 1) that is assumed.
/// </summary>
internal static class FashionCnn
{
    public static TrainingResult Train(TrainerOptions options)
    {
        using var data = FashionMnist.Load(FashionMnist.ShippedFolder, CPU);
        _ = manual_seed(options.Seed!.Value);
        using Sequential model = Sequential(
            Conv2d(1, 12, 3, padding: 1L), ReLU(), MaxPool2d(2),
            Conv2d(12, 24, 3, padding: 1L), ReLU(), MaxPool2d(2),
            Flatten(), Linear(24 * 7 * 7, 10));
        var trainer = new Trainer<(Tensor Images, Tensor Labels)>(
            model,
            batch => functional.cross_entropy(model.call(batch.Images.view(-1, 1, 28, 28)), batch.Labels),
            parameters => optim.SGD(parameters, 0.05, momentum: 0.9),
            options with { Epochs = 6, Scheduler = optimizer => optim.lr_scheduler.StepLR(optimizer, 2, 0.5), EarlyStopping = new() { Patience = 3 } });
        return trainer.Fit(epoch => data.Training.Batches(50, 1, epoch), data.Test.Batches(100, 1, 0));
    }
}
