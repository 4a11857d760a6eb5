using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>What one training holds while it goes on: optimizer, guard, scheduler, state and those who are told.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainerOptions _options;
    private readonly optim.Optimizer _optimizer;
    private readonly GradientGuard _guard;
    private readonly optim.lr_scheduler.LRScheduler? _scheduler;
    private readonly TrainingState _state;
    private readonly WeightDecay _decay;
    private readonly RunLogWriter? _log;
    private readonly TensorBoardWriter? _tensorBoard;
    private readonly IDisposable? _logging;
    private readonly EpochLoss _loss = new();
    private string? _report;
    private long _stepOfEpoch;
    private long? _stepsPerEpoch;

    private TrainingRun(nn.Module model, optim.Optimizer optimizer, TrainerOptions options)
    {
        (_options, _optimizer) = (options, optimizer);
        try
        {
            _guard = GradientGuard.For(model, optimizer, options.Guard);
            _state = new TrainingState(_guard, options.EarlyStopping);
            _scheduler = options.Scheduler?.Invoke(optimizer);
            _decay = new WeightDecay(_guard, options.WeightDecay);
            Gradients = new StepGradients(_guard, options.Accumulation, options.GradientPenalty);
            if (options.Checkpoint is { } checkpoint)
            {
                // A folder that cannot be is told before the first epoch, not after it.
                _ = Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(checkpoint))!);
            }

            bool resumed = options.Resume && File.Exists(options.Checkpoint);
            if (resumed)
            {
                Resume(options.Checkpoint!);
            }

            long? resumeAfter = resumed ? _guard.Summary.Steps : null;
            _log = options.Log is { } log ? RunLogWriter.Start(log, _guard, options.LogOptions with { ResumeAfter = resumeAfter }) : null;
            _tensorBoard = options.TensorBoard is { } folder ? TensorBoardWriter.Start(folder, _guard) : null;
            _logging = options.Logger is { } logger ? _guard.Observe(new StepLogger(logger)) : null;
            _optimizer.zero_grad();
            SetEnding();
        }
        catch (Exception error)
        {
            Fail(error);
            Dispose();
            throw;
        }
    }

    /// <summary>Why the training is over; null while it goes on.</summary>
    public TrainingEnding? Ending { get; private set; }

    /// <summary>The number of the epoch that is to be done.</summary>
    public int Epoch => _state.Epochs.Count + 1;

    public StepGradients Gradients { get; }

    /// <summary>Of the steps that were taken in this epoch; NaN if there were none.</summary>
    public double MeanLoss => _loss.Mean;

    public static TrainingRun Start(nn.Module model, Func<IEnumerable<Parameter>, optim.Optimizer> optimizer, TrainerOptions options)
    {
        if (options.Seed is { } seed)
        {
            manual_seed(seed);
        }

        if (options.Device is { } device)
        {
            _ = model.to(device);
        }

        return new TrainingRun(model, optimizer(model.parameters().DistinctBy(TensorIdentity.Of)), options);
    }

    /// <summary>Before the very first batch, the flow of the gradient is predicted, measured and logged.</summary>
    public void BeforeBatch(nn.Module model, Func<Tensor> loss)
    {
        if (_log is not null && _options.Prediction is { } prediction && _stepOfEpoch == 0 && !Gradients.AreBegun && _state.Epochs.Count == 0)
        {
            using Tensor random = get_rng_state();
            _log.WriteFlow(FlowAtStart.Of(model, loss, prediction));
            // The training draws the numbers that it would have drawn without a log.
            set_rng_state(random);
        }
    }

    public StepVerdict Step()
    {
        StepVerdict verdict = _guard.Step(Gradients.Complete());
        if (verdict.StepApplied)
        {
            _decay.Apply();
            _loss.Add(verdict);
        }
        else if (verdict.Outcome == StepOutcome.Stopped)
        {
            (Ending, _report) = (TrainingEnding.StoppedByGuard, verdict.Report);
        }

        _optimizer.zero_grad();
        _options.Progress?.Report(new TrainingProgress(Epoch, _options.Epochs, ++_stepOfEpoch, _stepsPerEpoch, verdict));
        return verdict;
    }

    public EpochResult CompleteEpoch(double loss, double? validationLoss)
    {
        var epoch = new EpochResult(Epoch, _guard.Summary.Steps, loss, validationLoss);
        _state.Add(epoch);
        StepScheduler(epoch);
        (_stepsPerEpoch, _stepOfEpoch) = (_stepOfEpoch, 0);
        _loss.Reset();
        if (validationLoss is { } validation)
        {
            _ = _guard.RecordValidation(validation);
        }

        _log?.WriteEpoch(epoch);
        _tensorBoard?.WriteEpoch(epoch);
        if (_options.Logger is { } logger)
        {
            StepLogger.EpochCompleted(logger, epoch);
        }

        if (_options.Checkpoint is { } path && !_guard.TrySaveCheckpointOf(_state, path, out string? refusal) && _options.Logger is { } warned)
        {
            StepLogger.CheckpointRefused(warned, epoch.Epoch, refusal);
        }

        SetEnding();
        return epoch;
    }

    public TrainingResult Complete()
    {
        if (Ending == TrainingEnding.StoppedEarly || _options.EarlyStopping is not null)
        {
            _state.RestoreBest();
        }

        _log?.EndsWith(Ending switch
        {
            TrainingEnding.StoppedEarly => $"stopped early after epoch {_state.Epochs.Count}; "
                + (_state.Best is { } best ? $"the best was epoch {best.Epoch}" : "no loss was finite"),
            TrainingEnding.StoppedByGuard => "stopped by the guard",
            _ => "completed",
        });
        return new TrainingResult(Ending!.Value, _state.Epochs, _state.Best, _guard.Summary, _report);
    }

    public void Fail(Exception error) => _log?.EndsWith(error is OperationCanceledException ? "cancelled" : $"failed: {error.Message}");

    public void Dispose()
    {
        _logging?.Dispose();
        _log?.Dispose();
        _tensorBoard?.Dispose();
        // The rest may be missing if it could not be started.
        Gradients?.Dispose();
        _state?.Dispose();
        _guard?.Dispose();
        _optimizer.Dispose();
    }

    /// <summary>A scheduler has no state to be saved: it is taken through the epochs again, before the rates are those of the checkpoint.</summary>
    private void Resume(string path)
    {
        _guard.LoadCheckpointOf(_state, path);
        if (_scheduler is not null)
        {
            double[] rates = [.. _optimizer.ParamGroups.Select(group => group.LearningRate)];
            foreach (EpochResult epoch in _state.Epochs)
            {
                StepScheduler(epoch);
            }

            foreach ((optim.ILearningRateController group, double rate) in _optimizer.ParamGroups.Zip(rates))
            {
                group.LearningRate = rate;
            }
        }
    }

    private void StepScheduler(EpochResult epoch)
    {
        // TorchSharp's ChainedLR has no optimizer of its own, and fails where it is told a loss.
        if (_scheduler is optim.lr_scheduler.impl.ChainedLR)
        {
            _scheduler.step();
        }
        else
        {
            _scheduler?.step(TrainingState.Criterion(epoch));
        }
    }

    private void SetEnding() => Ending = _state.IsOutOfPatience ? TrainingEnding.StoppedEarly
        : _state.Epochs.Count >= _options.Epochs ? TrainingEnding.Completed
        : null;
}
