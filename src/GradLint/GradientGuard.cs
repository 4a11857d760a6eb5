using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Watches over the optimizer steps of one training loop: measures every gradient, clips what is too large, keeps what is not
/// finite or far beyond the usual away from the optimizer, and goes back to the last good state when the weights are ruined.
/// </summary>
/// <remarks>
/// A guard measures and clips exactly the parameters that its optimizer steps, so a model that is trained by several optimizers
/// gets one guard for each. Call it once per optimizer step, after the last <c>backward()</c> of that step. Not thread-safe.
/// </remarks>
/// <example><code>
/// using var guard = GradientGuard.For(model, optimizer);
/// foreach (var (x, y) in batches)
/// {
///     optimizer.zero_grad();
///     var loss = criterion.forward(model.call(x), y);
///     loss.backward();
///     StepVerdict verdict = guard.Step(loss);
/// }
/// </code></example>
public sealed class GradientGuard : IDisposable, IGuardState
{
    private readonly nn.Module _model;
    private readonly optim.Optimizer _optimizer;
    private readonly GradientGuardOptions _options;
    private readonly bool _throughMemory;
    private readonly StepJudge _judge;
    private readonly Clipper? _clipper;
    private readonly LearnedState _learned;
    private readonly RecoveryPlan? _recovery;
    private readonly Adviser? _adviser;
    private readonly RunStatistics _statistics = new();
    private readonly StepObservers _observers = new();
    private Attachment _attached;
    private StepVerdict? _stopped;
    private string? _suspicion;
    private bool _disposed;

    private GradientGuard(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions options, bool throughMemory)
    {
        (_model, _optimizer, _options, _throughMemory) = (model, optimizer, options, throughMemory);
        _judge = new StepJudge(options);
        _clipper = options.CreateClipper(throughMemory);
        _learned = new LearnedState(_judge, _clipper);
        _recovery = options.Recovery is { } recovery ? new RecoveryPlan(recovery) : null;
        _adviser = options.Advice is { } advice ? new Adviser(advice) : null;
        Attach();
    }

    /// <summary>
    /// The names of the model's trainable parameters that the optimizer does not step, and that this guard therefore neither
    /// measures nor clips. Empty unless layers were left out on purpose, or forgotten.
    /// </summary>
    public IReadOnlyList<string> UnguardedParameters => _attached.UnguardedParameters;

    /// <summary>What the guard has seen and done so far, and the clipping threshold that the run's own norms suggest.</summary>
    public GuardSummary Summary => _statistics.Summary;

    /// <summary>What was worth a look so far, oldest first: the latest 256.</summary>
    public IReadOnlyList<Advice> Advice => _adviser?.All ?? [];

    internal nn.Module Model => _model;

    internal optim.Optimizer Optimizer => _optimizer;

    /// <summary>Those that the optimizer steps, each once.</summary>
    internal IReadOnlyList<Parameter> Parameters => _attached.Parameters;

    /// <summary>Which of the optimizer's parameter groups each of them belongs to, from 0.</summary>
    internal IReadOnlyList<int> ParameterGroups => _attached.ParameterGroups;

    internal GradientClipping? Clipping => _options.Clipping;

    /// <summary>Attaches a guard to a model and the optimizer that trains it.</summary>
    /// <param name="model">The module that contains every parameter that the optimizer steps.</param>
    /// <param name="optimizer">Any optimizer that takes one gradient per step: all of TorchSharp's but LBFGS.</param>
    /// <param name="options">How the guard decides; null stands for the defaults, which do a healthy run no harm.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range; or the model has no trainable parameters, or holds values that cannot be meant; or the
    /// optimizer steps parameters that are not the model's. The message says what to do.
    /// </exception>
    public static GradientGuard For(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions? options = null) =>
        For(model, optimizer, options, throughMemory: true);

    internal static GradientGuard For(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions? options, bool throughMemory)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        options ??= new GradientGuardOptions();
        options.Validate(nameof(options));
        return new GradientGuard(model, optimizer, options, throughMemory);
    }

    /// <summary>
    /// Measures the gradients, decides, clips them if need be, and calls <c>optimizer.step()</c> unless the step is skipped; goes back
    /// to an earlier state if that does not help.
    /// </summary>
    /// <param name="loss">The loss of this step: a tensor with one element.</param>
    /// <returns>What was found and done. Bad numbers are reported here, never thrown.</returns>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    /// <exception cref="ArgumentException">
    /// The loss has more than one element, or is complex; or parameter groups were added to the optimizer and do not fit the model.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model's parameters were replaced or disposed, or layers were added to it, since the guard was attached.
    /// </exception>
    public StepVerdict Step(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        StepVerdict verdict = Judge(loss);
        if (!verdict.MayStep)
        {
            return _observers.Tell(verdict);
        }

        try
        {
            _optimizer.step()?.Dispose();
        }
        catch (KeyNotFoundException error) when (!GuardedParameters.HasStateForAll(_optimizer))
        {
            throw ParametersChanged(error);
        }

        return _observers.Tell(verdict with { StepApplied = true });
    }

    /// <summary>
    /// Like <see cref="Step"/>, for loops that keep their own <c>optimizer.step()</c>: measures, decides and clips, and leaves it
    /// to the caller to step if <see cref="StepVerdict.MayStep"/>.
    /// </summary>
    /// <param name="loss">The loss of this step, a tensor with one element; null if it is not at hand.</param>
    /// <returns>What was found and done. Bad numbers are reported here, never thrown.</returns>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    /// <exception cref="ArgumentException">
    /// The loss has more than one element, or is complex; or parameter groups were added to the optimizer and do not fit the model.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model's parameters were replaced or disposed, or layers were added to it, since the guard was attached.
    /// </exception>
    public StepVerdict Inspect(Tensor? loss = null) => _observers.Tell(Judge(loss));

    /// <summary>
    /// Has an observer told of every step from now on: what was measured before anything is clipped, and the verdict after the
    /// optimizer's step. Without observers nothing is computed for them.
    /// </summary>
    /// <param name="observer">What it throws, the step throws.</param>
    /// <returns>Ends it when disposed. The observer itself is not disposed.</returns>
    public IDisposable Observe(IStepObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _observers.Add(observer);
    }

    private StepVerdict Judge(Tensor? loss)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireOneElement(loss);
        if (_stopped is { } stopped)
        {
            _statistics.Record(StepOutcome.Stopped, double.NaN);
            return stopped with { Step = _statistics.NextStep(), Loss = ReadLoss(loss), Advice = [] };
        }

        if (!_attached.IsCurrent)
        {
            Attach();
        }

        ReadOnlySpan<Tensor?> gradients = _attached.Gradients.Open();
        try
        {
            return _attached.Late is { } late && _attached.AreAllFlat(gradients)
                ? DecideLate(late, loss, gradients)
                : DecideNow(loss, gradients);
        }
        catch (KeyNotFoundException error) when (!GuardedParameters.HasStateForAll(_optimizer))
        {
            // A snapshot needs the state of all parameters.
            throw ParametersChanged(error);
        }
    }

    /// <summary>Tells the guard the loss on validation data, so that it can say when that rises.</summary>
    /// <param name="loss">The loss over all validation data, after an epoch or another fixed number of steps.</param>
    /// <returns>The advice, if there is one; it is among <see cref="Advice"/>, too.</returns>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    public Advice? RecordValidation(double loss)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Advice? advice = _adviser?.ObserveValidation(_statistics.Steps, loss);
        if (advice is not null)
        {
            _observers.Tell(advice);
        }

        return advice;
    }

    /// <summary>
    /// Writes what the guard has learned from the run: its baselines, step count and all else that a later decision rests on.
    /// For a checkpoint of your own; <see cref="TrySaveCheckpoint"/> includes it.
    /// </summary>
    /// <param name="stream">Is written to from its position on, and left open.</param>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    public void SaveState(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_disposed, this);
        GuardStateFormat.Save(stream, this);
    }

    /// <summary>Continues where another guard with the same options was when its state was saved.</summary>
    /// <param name="stream">Is read from its position on, up to the end of the state, and left open.</param>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    /// <exception cref="InvalidDataException">
    /// This is no guard's state, it is damaged, or it is that of a guard with other options. The guard stays as it is.
    /// </exception>
    public void LoadState(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(_disposed, this);
        GuardStateFormat.Load(stream, this);
    }

    /// <summary>
    /// Repeats a batch once, with a probe before and after each layer, and names the first layer whose output or gradient is not
    /// finite. To be called after a step that was skipped for what is not finite, with the same batch: it costs nothing before.
    /// </summary>
    /// <remarks>
    /// Buffers, gradients and torch's random numbers are as before when it returns. The repeated pass draws other random numbers than
    /// the failed one did. Layers are the innermost modules that take and give one tensor and that are run by their <c>call</c>,
    /// as <c>Sequential</c> does: <c>forward</c> bypasses TorchSharp's hooks.
    /// </remarks>
    /// <param name="lossOfBatch">Computes the loss of the batch anew, from the model; <c>backward()</c> is called on it here.</param>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    public FailureOrigin Locate(Func<Tensor> lossOfBatch)
    {
        ArgumentNullException.ThrowIfNull(lossOfBatch);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new FailureLocator(_model, new StatisticsReader(_throughMemory)).Locate(lossOfBatch);
    }

    /// <summary>
    /// Saves the whole training to a file: the model's parameters and buffers, the optimizer with its learning rates, torch's random
    /// numbers, and what the guard has learned. A training that continues from it gets the same bits as one without a break, if
    /// it is given the same batches.
    /// </summary>
    /// <remarks>
    /// The file is there as a whole or not at all: whenever the process is killed, the former file stays until the new one is
    /// complete and on the disk. What the guard does not know is not saved: a learning rate scheduler, the position in the data.
    /// </remarks>
    /// <param name="path">The file. An existing one is replaced.</param>
    /// <param name="refusal">
    /// Why nothing was saved: the state is not finite; or the latest step failed, so that the weights are under suspicion; or the
    /// guard has stopped without a good state.
    /// </param>
    /// <returns>Whether the file was written. If not, the former one is as it was.</returns>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    /// <exception cref="NotSupportedException">The optimizer is not one of TorchSharp's own, and its state is not known.</exception>
    /// <exception cref="InvalidOperationException">The model's parameters changed since the guard was attached.</exception>
    /// <exception cref="IOException">The file cannot be written; the former one is as it was.</exception>
    public bool TrySaveCheckpoint(string path, [NotNullWhen(false)] out string? refusal) => TrySaveCheckpointOf(this, path, out refusal);

    /// <param name="state">The guard's state, and what else is to travel with it.</param>
    /// <param name="path">The file.</param>
    /// <param name="refusal">Why nothing was saved.</param>
    internal bool TrySaveCheckpointOf(IGuardState state, string path, [NotNullWhen(false)] out string? refusal)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        Checkpoint checkpoint = CheckpointOf(_optimizer, state);
        refusal = _suspicion;
        if (refusal is null && checkpoint.NonFinite(new StatisticsReader(_throughMemory)) is { Count: > 0 } names)
        {
            refusal = $"Not finite: {string.Join(", ", names.Distinct().Take(5))}.";
        }

        if (refusal is not null)
        {
            return false;
        }

        checkpoint.Save(path);
        return true;
    }

    /// <summary>Continues a training where <see cref="TrySaveCheckpoint"/> saved it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    /// <exception cref="NotSupportedException">The optimizer is not one of TorchSharp's own, and its state is not known.</exception>
    /// <exception cref="InvalidOperationException">The model's parameters changed since the guard was attached.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or is not of this model, this kind of optimizer and these options. Nothing was changed.
    /// </exception>
    public void LoadCheckpoint(string path) => LoadCheckpointOf(this, path);

    /// <param name="state">The guard's state, and what else was saved with it.</param>
    /// <param name="path">The file.</param>
    internal void LoadCheckpointOf(IGuardState state, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckpointOf(_optimizer, state).Load(path);
        // The snapshots are of another course of the training. What is advised on is not: its state was just loaded.
        AttachWithoutAdviser();
    }

    private Checkpoint CheckpointOf(optim.Optimizer optimizer, IGuardState state) => optimizer is not OptimizerHelper own
        ? throw new NotSupportedException($"The state of {optimizer.GetType().Name} is not known: it is not derived from OptimizerHelper.")
        : GuardedParameters.HasStateForAll(own) ? new Checkpoint(_model, own, state)
        : throw ParametersChanged();

    private static InvalidOperationException ParametersChanged(Exception? cause = null) => new(
        "The model's parameters changed since the guard was attached: layers were added, or model.to(device) or model.to(type) "
        + "replaced the parameters, and the optimizer has no state for the new ones. "
        + "Create the optimizer and the guard anew after such changes; to add layers to a running optimizer, "
        + "give it a list of parameters, such as [.. model.parameters()], and call add_param_group.",
        cause);

    void IGuardState.Save(BinaryWriter writer)
    {
        _statistics.Save(writer);
        _learned.Save(writer);
        StatePart.Save(writer, _recovery);
        StatePart.Save(writer, _adviser);
    }

    void IGuardState.Load(BinaryReader reader)
    {
        _statistics.Load(reader);
        _learned.Load(reader);
        StatePart.Load(reader, _recovery, nameof(GradientGuardOptions.Recovery));
        StatePart.Load(reader, _adviser, nameof(GradientGuardOptions.Advice));
        (_stopped, _suspicion) = (null, null);
    }

    /// <summary>Ends the guard and frees its snapshots. Model and optimizer stay as they are.</summary>
    public void Dispose()
    {
        _disposed = true;
        _recovery?.Dispose();
        _adviser?.Dispose();
        _attached.Dispose();
    }

    private StepVerdict DecideNow(Tensor? loss, ReadOnlySpan<Tensor?> gradients)
    {
        // A loss on a device comes to the host together with the norms.
        bool isFar = _attached.Measurement.Flat is not null && loss is not null && !(_throughMemory && loss.device_type == DeviceType.CPU);
        double? farLoss = _attached.Measurement.Read(gradients, isFar ? loss : null);
        return Decide(isFar ? farLoss : ReadLoss(loss), gradients, _attached.Measurement);
    }

    /// <summary>Tells what was found in the step before, and has this one decided about on the device.</summary>
    private StepVerdict DecideLate(LateDecision late, Tensor? loss, ReadOnlySpan<Tensor?> gradients)
    {
        var verdict = new StepVerdict { Outcome = StepOutcome.Applied, Reason = StepReason.Pending, GradientNorm = double.NaN, IsLate = true };
        if (late.IsPending)
        {
            (double lossBefore, double factor) = late.Receive();
            _attached.Measurement.ReadLate(late.Each, gradients);
            verdict = Decide(loss is null ? null : lossBefore, gradients, _attached.Measurement, factor) with { IsLate = true };
        }

        if (verdict.MayStep)
        {
            late.Decide(loss, _judge.NextLimits(_clipper?.HarmlessNorm ?? 0, _clipper?.Threshold ?? double.PositiveInfinity));
        }

        return verdict;
    }

    private StepVerdict Decide(double? loss, ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured, double? lateFactor = null)
    {
        long step = _statistics.NextStep();
        _observers.Tell(step, _attached, gradients);
        double norm = measured.IsFinite ? measured.Total.Squares.Norm : double.NaN;
        (double? usualNorm, double? usualLoss) = (_judge.UsualNorm, _judge.UsualLoss);
        Judgement judgement = _judge.Judge(loss, measured, _clipper?.HarmlessNorm ?? 0);
        StepOutcome outcome = lateFactor is { } factor ? OutcomeOf(factor)
            : judgement.Skip ? StepOutcome.Skipped
            : measured is { IsFinite: true, Any: true } && _clipper?.Clip(gradients, measured) == true ? StepOutcome.Clipped
            : StepOutcome.Applied;
        StepReason reason = judgement.Reason;
        RecoveryAction recovery = _recovery?.After(step, judgement, Math.Min(measured.Total.Largest, _clipper?.Threshold ?? double.PositiveInfinity))
            ?? RecoveryAction.None;
        if (recovery != RecoveryAction.None)
        {
            outcome = recovery == RecoveryAction.Stop ? StepOutcome.Stopped : StepOutcome.RolledBack;
            reason = _recovery!.FoundCorruptWeights ? StepReason.CorruptWeights : reason;
        }

        _statistics.Record(outcome, norm);
        // Weights that a roll-back keeps stay under suspicion.
        _suspicion = recovery == RecoveryAction.Keep ? _suspicion : SuspicionAfter(outcome, reason, step);
        var verdict = new StepVerdict
        {
            Outcome = outcome,
            Reason = reason,
            Step = step,
            Loss = loss,
            GradientNorm = norm,
            Threshold = _clipper?.Threshold,
            Baseline = usualNorm,
            LossBaseline = usualLoss,
            LeadingParameters = reason == StepReason.NoGradient ? []
                : measured.IsFinite ? _attached.Leading.WithLargestNorm(measured.Each)
                : _attached.Leading.NonFinite(measured.Each),
            Advice = _adviser?.Observe(new ObservedStep(step, loss, gradients, measured, outcome)) ?? [],
            RestoredStep = recovery == RecoveryAction.None ? null : _recovery!.RestoredStep,
            StopCause = recovery == RecoveryAction.Stop ? _recovery!.StopCause : null,
            Report = recovery == RecoveryAction.None ? null : _recovery!.Report,
        };
        _stopped = recovery == RecoveryAction.Stop ? verdict : null;
        return verdict;
    }

    /// <summary>What a device has done.</summary>
    private static StepOutcome OutcomeOf(double factor) =>
        factor == 0 ? StepOutcome.Skipped : factor < 1 ? StepOutcome.Clipped : StepOutcome.Applied;

    /// <summary>A failed step puts the weights under suspicion until one is in order, or until they are those of a snapshot.</summary>
    private string? SuspicionAfter(StepOutcome outcome, StepReason reason, long step) => (outcome, reason) switch
    {
        (StepOutcome.Skipped, StepReason.Spike) or (_, StepReason.NoGradient) => _suspicion,
        (StepOutcome.Skipped, _) => string.Create(CultureInfo.InvariantCulture, $"Step {step} was skipped, and none was in order since."),
        (StepOutcome.Stopped, _) when _recovery!.RestoredStep is null => "No step was in order yet.",
        _ => null,
    };

    [MemberNotNull(nameof(_attached))]
    private void Attach()
    {
        AttachWithoutAdviser();
        _adviser?.Attach(_attached.Names, _attached.Parameters);
    }

    [MemberNotNull(nameof(_attached))]
    private void AttachWithoutAdviser()
    {
        _attached?.Dispose();
        var attached = new Attachment(_model, _optimizer, _options, _clipper, _throughMemory);
        _recovery?.Attach(
            _optimizer,
            () => new Snapshot(attached.Parameters, _model, _optimizer, _learned.ForSnapshots),
            attached.WeightsAreFinite,
            attached.BuffersAreFinite,
            attached.LargestWeight);
        _attached = attached;
    }

    private static void RequireOneElement(Tensor? loss)
    {
        if (loss is not null && loss.numel() != 1)
        {
            throw new ArgumentException(
                $"The loss has {loss.numel()} elements; the guard needs the one that backward() was called on.", nameof(loss));
        }

        // Asked for its value, libtorch would end the process.
        if (loss?.is_complex() == true)
        {
            throw new ArgumentException("The loss is a complex number; the guard needs the real one that backward() was called on.", nameof(loss));
        }
    }

    private static double? ReadLoss(Tensor? loss)
    {
        if (loss is null)
        {
            return null;
        }

        if (TensorMemory.TryGetBytes(loss, out Span<byte> bytes))
        {
            switch (loss.dtype)
            {
                case ScalarType.Float32:
                    return MemoryMarshal.Read<float>(bytes);
                case ScalarType.Float64:
                    return MemoryMarshal.Read<double>(bytes);
                default:
                    break;
            }
        }

        using Scalar value = loss.ToScalar();
        return value.ToDouble();
    }
}
