using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Quickstart;

/// <summary>Trains one network after the other under the same conditions: seed, data, order, epochs, device.</summary>
internal sealed class Experiment(FashionMnist data, Settings settings, IProgressDisplay display, CancellationToken cancellation)
{
    private const int BatchSize = 50;

    /// <summary>One run: <paramref name="train"/> makes a model, trains it on the batches and lets the recorder observe each step.</summary>
    public RunResult Run(string name, Func<IEnumerable<(Tensor Images, Tensor Labels)>, Device, StepRecorder, Module<Tensor, Tensor>> train)
    {
        int stepsPerEpoch = data.Training.BatchesPerEpoch(BatchSize);

        // Layers this small gain nothing from more threads, and lose much where something else wants the cores; and the same
        // seed gives the same numbers however many there are.
        set_num_threads(1);
        return display.Follow(name, stepsPerEpoch * settings.Epochs, onStep =>
        {
            manual_seed(settings.Seed);
            var recorder = new StepRecorder(onStep, cancellation);
            var batches = recorder.Follow(data.Training.Batches(BatchSize, settings.Epochs, settings.Seed));
            using Module<Tensor, Tensor> model = train(batches, data.Training.Images.device, recorder);

            // One batch says little: the final loss is the mean of the last epoch.
            double finalLoss = recorder.Steps.TakeLast(stepsPerEpoch).Average(step => step.Loss);
            return new RunResult(name, recorder.Steps, recorder.Counts, finalLoss, data.Test.Accuracy(model), recorder.TrainingTime);
        });
    }
}
