using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TorchSharp;
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
    private readonly RunLog _log = new();
    private Attachment _attached;
    private StepVerdict? _stopped;
    private bool _disposed;

    private GradientGuard(nn.Module model, optim.Optimizer optimizer, GradientGuardOptions options, bool throughMemory)
    {
        (_model, _optimizer, _options, _throughMemory) = (model, optimizer, options, throughMemory);
        _judge = new StepJudge(options);
        _clipper = options.Clipping?.CreateClipper(throughMemory);
        _learned = new LearnedState(_judge, _clipper);
        _recovery = options.Recovery is { } recovery ? new RecoveryPlan(recovery) : null;
        Attach();
    }

    /// <summary>
    /// The names of the model's trainable parameters that the optimizer does not step, and that this guard therefore neither
    /// measures nor clips. Empty unless layers were left out on purpose, or forgotten.
    /// </summary>
    public IReadOnlyList<string> UnguardedParameters => _attached.UnguardedParameters;

    /// <summary>What the guard has seen and done so far, and the clipping threshold that the run's own norms suggest.</summary>
    public GuardSummary Summary => _log.Summary;

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
    /// The loss has more than one element; or parameter groups were added to the optimizer and do not fit the model.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model's parameters were replaced or disposed since the guard was attached.
    /// </exception>
    public StepVerdict Step(Tensor loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        StepVerdict verdict = Inspect(loss);
        if (!verdict.MayStep)
        {
            return verdict;
        }

        _optimizer.step()?.Dispose();
        return verdict with { StepApplied = true };
    }

    /// <summary>
    /// Like <see cref="Step"/>, for loops that keep their own <c>optimizer.step()</c>: measures, decides and clips, and leaves it
    /// to the caller to step if <see cref="StepVerdict.MayStep"/>.
    /// </summary>
    /// <param name="loss">The loss of this step, a tensor with one element; null if it is not at hand.</param>
    /// <returns>What was found and done. Bad numbers are reported here, never thrown.</returns>
    /// <exception cref="ObjectDisposedException">The guard is disposed.</exception>
    /// <exception cref="ArgumentException">
    /// The loss has more than one element; or parameter groups were added to the optimizer and do not fit the model.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The model's parameters were replaced or disposed since the guard was attached.
    /// </exception>
    public StepVerdict Inspect(Tensor? loss = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        double? lossValue = ReadLoss(loss);
        if (_stopped is { } stopped)
        {
            _log.Record(StepOutcome.Stopped, double.NaN);
            return stopped with { Step = _log.NextStep(), Loss = lossValue };
        }

        if (!_attached.IsCurrent)
        {
            Attach();
        }

        ReadOnlySpan<Tensor?> gradients = _attached.Gradients.Open();
        _attached.Measurement.Read(gradients);
        return Decide(lossValue, gradients, _attached.Measurement);
    }

    /// <summary>
    /// Writes what the guard has learned from the run: its baselines, step count and all else that a later decision rests on.
    /// Belongs beside the model and the optimizer in a checkpoint.
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

    void IGuardState.Save(BinaryWriter writer)
    {
        _log.Save(writer);
        _learned.Save(writer);
        StatePart.Save(writer, _recovery);
    }

    void IGuardState.Load(BinaryReader reader)
    {
        _log.Load(reader);
        _learned.Load(reader);
        StatePart.Load(reader, _recovery, nameof(GradientGuardOptions.Recovery));
        _stopped = null;
    }

    /// <summary>Ends the guard and frees its snapshots. Model and optimizer stay as they are.</summary>
    public void Dispose()
    {
        _disposed = true;
        _recovery?.Dispose();
        _attached.Dispose();
    }

    private StepVerdict Decide(double? loss, ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured)
    {
        long step = _log.NextStep();
        double norm = measured.IsFinite ? measured.Total.Squares.Norm : double.NaN;
        (double? usualNorm, double? usualLoss) = (_judge.UsualNorm, _judge.UsualLoss);
        Judgement judgement = _judge.Judge(loss, measured, _clipper?.HarmlessNorm ?? 0);
        StepOutcome outcome = judgement.Skip ? StepOutcome.Skipped
            : measured.IsFinite && _clipper?.Clip(gradients, measured) == true ? StepOutcome.Clipped
            : StepOutcome.Applied;
        RecoveryAction recovery = _recovery?.After(step, judgement) ?? RecoveryAction.None;
        if (recovery != RecoveryAction.None)
        {
            outcome = recovery == RecoveryAction.RollBack ? StepOutcome.RolledBack : StepOutcome.Stopped;
        }

        _log.Record(outcome, norm);
        var verdict = new StepVerdict
        {
            Outcome = outcome,
            Reason = judgement.Reason,
            Step = step,
            Loss = loss,
            GradientNorm = norm,
            Threshold = _clipper?.Threshold,
            Baseline = usualNorm,
            LossBaseline = usualLoss,
            LeadingParameters = measured.IsFinite
                ? _attached.Leading.WithLargestNorm(measured.Each)
                : _attached.Leading.NonFinite(measured.Each),
            RestoredStep = recovery == RecoveryAction.None ? null : _recovery!.RestoredStep,
            Report = recovery == RecoveryAction.None ? null : _recovery!.Report,
        };
        _stopped = recovery == RecoveryAction.Stop ? verdict : null;
        return verdict;
    }

    [MemberNotNull(nameof(_attached))]
    private void Attach()
    {
        _attached?.Dispose();
        var attached = new Attachment(_model, _optimizer, _options, _clipper, _throughMemory);
        _recovery?.Attach(
            _optimizer, () => new Snapshot(attached.Parameters, _model, _optimizer, _learned), attached.WeightsAreFinite);
        _attached = attached;
    }

    private static double? ReadLoss(Tensor? loss)
    {
        if (loss is null)
        {
            return null;
        }

        if (loss.numel() != 1)
        {
            throw new ArgumentException(
                $"The loss has {loss.numel()} elements; the guard needs the one that backward() was called on.", nameof(loss));
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
