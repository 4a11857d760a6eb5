using GradLint.SignalPropagation;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>How a <see cref="Trainer{TBatch}"/> trains. Checked as a whole when the trainer is made.</summary>
public sealed record TrainerOptions
{
    /// <summary>How many times the training batches are gone through at most. At least 1; default 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>What torch's random numbers start from when the training does; null leaves them as they are.</summary>
    public long? Seed { get; init; }

    /// <summary>Where the model is moved to before the optimizer is made; null leaves it where it is.</summary>
    public Device? Device { get; init; }

    /// <summary>How the guard decides.</summary>
    public GradientGuardOptions Guard { get; init; } = new();

    /// <summary>How many batches make up one optimizer step: their gradients are averaged. At least 1; default 1.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>
    /// Decoupled weight decay (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019): after each step that was taken,
    /// weights (not biases, nor the scales of normalizations, nor what is frozen) lose this share times the learning rate of their parameter
    /// group. Not negative; default 0.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// What the squared L2 norm of the loss's gradient by the parameters is multiplied with and added to the loss (Barrett and Dherin,
    /// "Implicit gradient regularization", 2021). Each step is differentiated twice, which takes two to three times as long. The losses
    /// that are reported are without it. Not negative; default 0.
    /// </summary>
    public double GradientPenalty { get; init; }

    /// <summary>Makes a learning rate scheduler, stepped after each epoch with its validation loss (or, without, its loss); null has none.</summary>
    public Func<optim.Optimizer, optim.lr_scheduler.LRScheduler>? Scheduler { get; init; }

    /// <summary>When the training ends before its last epoch because it gets no better; null never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>The file in which the whole training is saved after each epoch that leaves it in order; null saves nothing.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>
    /// Whether to go on from <see cref="Checkpoint"/> if that file is there. Default false. The same bits come out as without a break
    /// if the batches of an epoch depend on nothing but torch's random numbers or the epoch's number.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>The file of the run's log, from which the report is made; null writes none.</summary>
    public string? Log { get; init; }

    /// <summary>What the log holds.</summary>
    public RunLogOptions LogOptions { get; init; } = new();

    /// <summary>
    /// What the prediction of the gradient's flow assumes, most of all the loss. With a log, and for models from tensor to tensor, the
    /// prediction is held against a measurement on the first batch. Null leaves both out.
    /// </summary>
    public PropagationOptions? Prediction { get; init; } = new();

    /// <summary>The folder for TensorBoard's event files; null writes none.</summary>
    public string? TensorBoard { get; init; }

    /// <summary>Is told of what is not in order, and of each epoch; null for nobody.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Is told of each step, such as a <see cref="ConsoleProgress"/>; null for nobody.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <exception cref="ArgumentException">Any option is out of range; the message lists all that are.</exception>
    internal void Validate(string parameterName)
    {
        var problems = new List<string>();
        void Require(bool isInRange, string option, object value, string range)
        {
            if (!isInRange)
            {
                problems.Add($"{option} is {value}; it must be {range}.");
            }
        }

        Require(Epochs >= 1, nameof(Epochs), Epochs, "at least 1");
        Require(Accumulation >= 1, nameof(Accumulation), Accumulation, "at least 1");
        // Written so that NaN fails.
        Require(WeightDecay >= 0, nameof(WeightDecay), WeightDecay, "0 or more");
        Require(GradientPenalty >= 0, nameof(GradientPenalty), GradientPenalty, "0 or more");
        if (EarlyStopping is { } stopping)
        {
            Require(stopping.Patience >= 1, $"{nameof(EarlyStopping)}.{nameof(stopping.Patience)}", stopping.Patience, "at least 1");
            Require(
                stopping.MinImprovement >= 0, $"{nameof(EarlyStopping)}.{nameof(stopping.MinImprovement)}", stopping.MinImprovement, "0 or more");
        }

        if (Resume && Checkpoint is null)
        {
            problems.Add($"{nameof(Resume)} needs {nameof(Checkpoint)}, the file to go on from.");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), parameterName);
        }
    }
}

/// <summary>When a training ends because its validation loss (or, without validation, its loss) gets no better.</summary>
public sealed record EarlyStopping
{
    /// <summary>How many epochs in a row may bring no improvement. At least 1; default 5. A loss that is NaN is none.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>How much lower than the best a loss must be to count. Not negative; default 0.</summary>
    public double MinImprovement { get; init; }

    /// <summary>Whether the model ends with the weights of its best epoch, for which a copy of them is kept. Default true.</summary>
    public bool RestoreBest { get; init; } = true;
}
