using System.Globalization;
using System.Numerics;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>What recovery asks for after a step was judged.</summary>
internal enum RecoveryAction
{
    None,
    RollBack,

    /// <summary>A roll-back that has nothing to undo: the state is as the last good step left it.</summary>
    Keep,
    Stop,
}

/// <summary>Decides when a run goes back to its last good state, and when it has to stop.</summary>
internal sealed class RecoveryPlan(RecoveryOptions options) : IGuardState, IDisposable
{
    private const int IntervalsUntilForgotten = 10;

    /// <summary>A momentum of 0.9 goes on ten times as far as a step, and RMSprop begins with steps of ten times its rate.</summary>
    private const double ReachOfAStep = 10;

    private readonly ulong _window = options.Window == 64 ? ulong.MaxValue : (1UL << options.Window) - 1;
    private readonly List<string> _history = [];
    private SnapshotRing? _snapshots;
    private optim.ILearningRateController[] _groups = [];
    private Func<bool> _weightsAreFinite = () => true;
    private Func<bool> _buffersAreFinite = () => true;
    private Func<double> _largestWeight = () => 0;
    private ulong _failures;
    private int _stepsSinceSnapshot;
    private long _healthySinceRollBack;
    private int _rollBacks;
    private double _latestFactor = 1;
    private double[] _ratesBefore = [];
    private bool _blamesTheWeights;
    private long? _restoredSnapshot;
    private long _lastGoodStep;
    private bool _isAsGoodStepLeftIt;

    /// <summary>How far the steps since the last snapshot can have taken a weight.</summary>
    private double _reach;

    /// <summary>Why the guard stopped, in one line.</summary>
    public string? StopCause { get; private set; }

    /// <summary>What happened, one line for each roll-back, and what to try.</summary>
    public string Report { get; private set; } = "";

    /// <summary>The step before which the state was as it is after the latest roll-back.</summary>
    public long? RestoredStep { get; private set; }

    /// <summary>Whether the latest roll-back was for weights that had grown as no training lets them grow.</summary>
    public bool FoundCorruptWeights { get; private set; }

    /// <summary>Starts over with snapshots of other parameters: the former ones lack those that joined.</summary>
    /// <param name="optimizer">Its learning rates are lowered.</param>
    /// <param name="create">Makes a snapshot of what is there to be restored.</param>
    /// <param name="weightsAreFinite">Looks at all weights: called only after failures.</param>
    /// <param name="buffersAreFinite">Looks at all buffers: called only before a roll-back.</param>
    /// <param name="largestWeight">Looks at all weights: called only before a snapshot.</param>
    public void Attach(
        optim.Optimizer optimizer, Func<Snapshot> create, Func<bool> weightsAreFinite, Func<bool> buffersAreFinite, Func<double> largestWeight)
    {
        (_weightsAreFinite, _buffersAreFinite, _largestWeight) = (weightsAreFinite, buffersAreFinite, largestWeight);
        _snapshots?.Dispose();
        _snapshots = new SnapshotRing(options.Snapshots, create);
        _groups = [.. optimizer.ParamGroups ?? []];
        (_stepsSinceSnapshot, _reach) = (0, 0);
        _isAsGoodStepLeftIt = false;
    }

    /// <summary>To be called after a step was judged and before the optimizer steps.</summary>
    /// <param name="step">The number of the step.</param>
    /// <param name="judgement">What was found in it.</param>
    /// <param name="largestGradient">The largest magnitude in the gradients that the optimizer is given.</param>
    public RecoveryAction After(long step, Judgement judgement, double largestGradient)
    {
        RecoveryAction action = After(step, judgement);
        if (action == RecoveryAction.None && !judgement.Skip)
        {
            // Adam and its kin take steps of the rate's size however small gradients are, SGD takes larger ones where they are large.
            _reach += ReachOfAStep * HighestLearningRate() * Math.Max(largestGradient, 1);
        }

        return action;
    }

    private RecoveryAction After(long step, Judgement judgement)
    {
        FoundCorruptWeights = false;
        // Neither a failure nor a sign that all is well.
        if (judgement.Reason is StepReason.Spike or StepReason.NoGradient || (judgement.IsUnusual && judgement.Reason == StepReason.Finite))
        {
            _isAsGoodStepLeftIt &= judgement.Skip || judgement.Reason == StepReason.NoGradient;
            return RecoveryAction.None;
        }

        // Whether or not the options have it skipped: weights are not in order only because the step was taken.
        bool failed = judgement.Reason is StepReason.NonFiniteLoss or StepReason.NonFiniteGradient or StepReason.LossSpike;
        _failures = (_failures << 1) | (failed ? 1UL : 0);
        if (!failed)
        {
            return Succeed(step, judgement.LossSettled);
        }

        // A loss that is far too large, but finite, tells that it is rather the weights that went wrong.
        _isAsGoodStepLeftIt &= judgement.Skip && judgement.Reason != StepReason.LossSpike;
        if (!MustAct(judgement.Reason))
        {
            return RecoveryAction.None;
        }

        if (_snapshots?.Newest is null || _rollBacks >= options.MaxRollBacks)
        {
            return Stop(step, judgement.Reason);
        }

        return _isAsGoodStepLeftIt && _weightsAreFinite() ? Keep(step, judgement.Reason) : RollBack(step, judgement.Reason);
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_failures);
        writer.Write(_healthySinceRollBack);
        writer.Write(_rollBacks);
        writer.Write(_latestFactor);
        writer.Write(_blamesTheWeights);
        writer.Write(_ratesBefore.Length);
        Array.ForEach(_ratesBefore, writer.Write);
    }

    public void Load(BinaryReader reader)
    {
        _failures = reader.ReadUInt64();
        _healthySinceRollBack = reader.ReadInt64();
        _rollBacks = reader.ReadInt32();
        _latestFactor = reader.ReadDouble();
        _blamesTheWeights = reader.ReadBoolean();
        _ratesBefore = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadDouble())];
        _isAsGoodStepLeftIt = false;
    }

    public void Dispose() => _snapshots?.Dispose();

    private bool MustAct(StepReason reason)
    {
        if (reason == StepReason.LossSpike && _blamesTheWeights)
        {
            return false;
        }

        // Two in a row: the first may be a bad batch.
        return BitOperations.PopCount(_failures & _window) >= options.Failures
            || (reason != StepReason.LossSpike && (_failures & 3) == 3 && !_weightsAreFinite());
    }

    private RecoveryAction Succeed(long step, bool lossSettled)
    {
        // A step in order among failures says little; after a window of them without any, the roll-back has helped.
        if (_blamesTheWeights && (lossSettled || ((_failures & _window) == 0 && _healthySinceRollBack >= options.Window)))
        {
            _blamesTheWeights = false;
            if (lossSettled)
            {
                GiveBackLearningRates();
            }
        }

        (_lastGoodStep, _isAsGoodStepLeftIt) = (step, true);
        if (++_healthySinceRollBack >= (long)IntervalsUntilForgotten * options.SnapshotInterval)
        {
            _rollBacks = 0;
        }

        return _snapshots!.Newest is null || ++_stepsSinceSnapshot >= options.SnapshotInterval ? TakeSnapshot(step) : RecoveryAction.None;
    }

    /// <summary>
    /// A weight that one flipped bit has made huge may only saturate its unit: the loss rises a little, and nothing else shows it. One that
    /// large gradients have taken so far is what the training needs: targets may be large.
    /// </summary>
    private RecoveryAction TakeSnapshot(long step)
    {
        double largest = _largestWeight();
        if (_snapshots!.Newest is { } newest
            && !(largest <= options.MaxWeightGrowth * Math.Max(newest.LargestWeight, 1))
            && !(largest <= newest.LargestWeight + _reach))
        {
            FoundCorruptWeights = true;
            return _rollBacks < options.MaxRollBacks ? RollBack(step, StepReason.CorruptWeights) : Stop(step, StepReason.CorruptWeights);
        }

        _snapshots.Take(step, largest);
        (_stepsSinceSnapshot, _reach) = (0, 0);
        return RecoveryAction.None;
    }

    /// <summary>
    /// Only skipped steps lie between the last good one and now, so the data are to blame, and going back would cost good steps.
    /// Unless that step itself made the weights so large that every pass overflows: then the next roll-back is a real one.
    /// </summary>
    private RecoveryAction Keep(long step, StepReason reason)
    {
        if (!_buffersAreFinite())
        {
            // A forward pass changes them, in a step that is skipped, too.
            _snapshots!.Newest!.RestoreBuffers();
        }

        _isAsGoodStepLeftIt = false;
        RestoredStep = _lastGoodStep + 1;
        (_failures, _healthySinceRollBack) = (0, 0);
        _rollBacks++;
        _history.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"Step {step}: {Describe(reason)}; the weights are, and stay as they were before step {RestoredStep}, learning rate {LearningRateText}."));
        Report = _history[^1];
        return RecoveryAction.Keep;
    }

    private RecoveryAction RollBack(long step, StepReason reason)
    {
        // Nothing was taken since the last roll-back: that snapshot has led here already.
        if (_rollBacks > 0 && _restoredSnapshot == _snapshots!.Newest!.Step)
        {
            _snapshots.FallBack();
        }

        _latestFactor = _rollBacks == 0 ? 1 : options.LearningRateFactor;
        _ratesBefore = [.. _groups.Select(group => group.LearningRate)];
        Restore(_latestFactor);
        _rollBacks++;
        _blamesTheWeights = reason == StepReason.LossSpike;
        _history.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"Step {step}: {Describe(reason)}; rolled back to step {RestoredStep}, learning rate {LearningRateText}."));
        Report = _history[^1];
        return RecoveryAction.RollBack;
    }

    private RecoveryAction Stop(long step, StepReason reason)
    {
        string state = "No step was in order yet, so there is nothing to go back to.";
        RestoredStep = null;
        if (_snapshots?.Newest is not null)
        {
            Restore(factor: 1);
            state = string.Create(CultureInfo.InvariantCulture, $"Model and optimizer are as they were before step {RestoredStep}.");
        }

        StopCause = string.Create(CultureInfo.InvariantCulture, $"Step {step}: {Describe(reason)}; stopped after {_rollBacks} roll-backs.");
        Report = string.Join(
            Environment.NewLine,
            [
                .. _history,
                $"{StopCause} {state}",
                "Try a lower learning rate, smaller initial weights or normalization layers, and look for bad values in the data.",
            ]);
        return RecoveryAction.Stop;
    }

    private void Restore(double factor)
    {
        Snapshot snapshot = _snapshots!.Newest!;
        snapshot.Restore(factor);
        RestoredStep = _restoredSnapshot = snapshot.Step;
        (_failures, _healthySinceRollBack, _stepsSinceSnapshot, _reach) = (0, 0, 0, 0);
        _isAsGoodStepLeftIt = false;
    }

    /// <summary>Takes back the latest lowering. Where a scheduler has done so already, the rate stays.</summary>
    private void GiveBackLearningRates()
    {
        foreach ((optim.ILearningRateController group, double before) in _groups.Zip(_ratesBefore))
        {
            group.LearningRate = Math.Min(group.LearningRate / _latestFactor, Math.Max(group.LearningRate, before));
        }
    }

    /// <summary>A loop, because nothing is to be allocated in a step. Infinite where no rate is known.</summary>
    private double HighestLearningRate()
    {
        double highest = _groups.Length == 0 ? double.PositiveInfinity : 0;
        foreach (optim.ILearningRateController group in _groups)
        {
            highest = Math.Max(highest, group.LearningRate);
        }

        return highest;
    }

    private string LearningRateText =>
        string.Join(", ", _groups.Select(group => group.LearningRate.ToString("G3", CultureInfo.InvariantCulture)).Distinct());

    private static string Describe(StepReason reason) => reason switch
    {
        StepReason.NonFiniteLoss => "the loss is not finite",
        StepReason.NonFiniteGradient => "gradients are not finite",
        StepReason.CorruptWeights => "a weight has grown as no training lets it grow",
        _ => "the loss is far above the usual",
    };
}
