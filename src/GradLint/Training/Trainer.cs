using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Trains a model: a plain loop around a <see cref="GradientGuard"/>, with validation, early stopping and checkpoints.</summary>
/// <typeparam name="TBatch">What the batches are; the loss is computed from one.</typeparam>
/// <example><code>
/// var trainer = new Trainer&lt;(Tensor X, Tensor Y)&gt;(
///     model,
///     batch => functional.cross_entropy(model.call(batch.X), batch.Y),
///     parameters => optim.Adam(parameters, 1e-3),
///     new() { Epochs = 5, Log = "run.jsonl", Progress = new ConsoleProgress() });
/// TrainingResult result = trainer.Fit(training, validation);
/// </code></example>
public sealed class Trainer<TBatch>
{
    private readonly nn.Module _model;
    private readonly Func<TBatch, Tensor> _loss;
    private readonly Func<IEnumerable<Parameter>, optim.Optimizer> _optimizer;
    private readonly TrainerOptions _options;

    /// <summary>Makes a trainer. Nothing happens before <c>Fit</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">From a batch to the loss, a tensor with one element: runs the model.</param>
    /// <param name="optimizer">Makes the optimizer, once the model is on its device.</param>
    /// <param name="options">How to train; null stands for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Trainer(
        nn.Module model, Func<TBatch, Tensor> loss, Func<IEnumerable<Parameter>, optim.Optimizer> optimizer, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        options ??= new TrainerOptions();
        options.Validate(nameof(options));
        (_model, _loss, _optimizer, _options) = (model, loss, optimizer, options);
    }

    /// <summary>After each step, with the guard's verdict.</summary>
    public event EventHandler<StepVerdict>? StepCompleted;

    /// <summary>After each epoch and its validation.</summary>
    public event EventHandler<EpochResult>? EpochCompleted;

    /// <summary>Trains on batches that are gone through anew in each epoch.</summary>
    /// <param name="training">The training batches. Who makes them disposes them.</param>
    /// <param name="validation">The validation batches, gone through anew after each epoch; null for none.</param>
    /// <param name="cancellationToken">Ends the training between two batches; the model is then as the last step left it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArgumentException">
    /// Model and optimizer do not fit together, or an epoch has no batches: the message says what to do.
    /// </exception>
    /// <exception cref="InvalidDataException">The checkpoint to resume from is damaged, or of another training.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written, or the log not be started; the former checkpoint is as it was.</exception>
    public TrainingResult Fit(
        IEnumerable<TBatch> training, IEnumerable<TBatch>? validation = null, CancellationToken cancellationToken = default) =>
        Fit(_ => training, validation, cancellationToken);

    /// <summary>Trains on batches that depend on the number of the epoch, from 1: so that a resumed training gets the same ones.</summary>
    /// <inheritdoc cref="Fit(IEnumerable{TBatch}, IEnumerable{TBatch}?, CancellationToken)"/>
    public TrainingResult Fit(
        Func<int, IEnumerable<TBatch>> training, IEnumerable<TBatch>? validation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        using var run = TrainingRun.Start(_model, _optimizer, _options);
        try
        {
            while (run.Ending is null)
            {
                if (TrainEpoch(run, training(run.Epoch), cancellationToken) is { } loss)
                {
                    double? validationLoss = validation is null ? null : Validate(validation, cancellationToken);
                    EpochResult epoch = run.CompleteEpoch(loss, validationLoss);
                    EpochCompleted?.Invoke(this, epoch);
                }
            }

            return run.Complete();
        }
        catch (Exception error)
        {
            run.Fail(error);
            throw;
        }
    }

    /// <returns>The mean loss of the steps that were taken; null if the guard stopped the training.</returns>
    private double? TrainEpoch(TrainingRun run, IEnumerable<TBatch> batches, CancellationToken cancellationToken)
    {
        _model.train();
        bool any = false;
        foreach (TBatch batch in batches)
        {
            any = true;
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            run.BeforeBatch(_model, () => _loss(batch));
            run.Gradients.Add(_loss(batch));
            if (run.Gradients.AreComplete && !Step(run))
            {
                return null;
            }
        }

        RequireAny(any, $"training batches in epoch {run.Epoch}", "training");
        using DisposeScope lastScope = NewDisposeScope();
        return run.Gradients.AreBegun && !Step(run) ? null : run.MeanLoss;
    }

    /// <returns>Whether the training may go on.</returns>
    private bool Step(TrainingRun run)
    {
        StepVerdict verdict = run.Step();
        StepCompleted?.Invoke(this, verdict);
        return verdict.Outcome != StepOutcome.Stopped;
    }

    private double Validate(IEnumerable<TBatch> batches, CancellationToken cancellationToken)
    {
        _model.eval();
        using IDisposable noGradients = no_grad();
        double sum = 0;
        int count = 0;
        foreach (TBatch batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            sum += _loss(batch).to(ScalarType.Float64).item<double>();
            count++;
        }

        RequireAny(count > 0, "validation batches", "validation");
        return sum / count;
    }

    private static void RequireAny(bool any, string what, string parameter)
    {
        if (!any)
        {
            throw new ArgumentException(
                $"There are no {what}. What can be gone through only once, such as a reader, is empty the second time: "
                + "give a list, a loader, or for training a function of the epoch's number.",
                parameter);
        }
    }
}
