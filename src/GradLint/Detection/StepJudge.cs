namespace GradLint;

/// <summary>What was found in one step, and whether the step is to be skipped for it.</summary>
/// <param name="Reason">What was found.</param>
/// <param name="Skip">Whether the step is to be skipped.</param>
/// <param name="IsUnusual">Whether the loss is held apart like a spike, although it is too small to be one.</param>
/// <param name="LossSettled">Whether it is the loss of which a new level was accepted.</param>
internal readonly record struct Judgement(StepReason Reason, bool Skip, bool IsUnusual = false, bool LossSettled = false);

/// <summary>Judges each step by its loss and its gradient norm. Nothing that is skipped enters a baseline.</summary>
internal sealed class StepJudge(GradientGuardOptions options) : IGuardState
{
    private readonly NormSpikeDetector? _norms = options.NormSpikes is { } norms ? new(norms) : null;
    private readonly LossSpikeDetector? _losses = options.LossSpikes is { } losses ? new(losses) : null;
    private readonly SkipBudget _budget = new();

    public double? UsualNorm => _norms?.Usual;

    public double? UsualLoss => _losses?.Usual;

    /// <summary>What the next step will be judged by, for a device that cannot ask.</summary>
    /// <param name="harmless">The norm up to which clipping changes nothing.</param>
    /// <param name="clipNorm">The norm to which larger ones are clipped.</param>
    public StepLimits NextLimits(double harmless, double clipNorm) => new(
        clipNorm,
        _budget.CoversNext && _norms is { SkipsSpikes: true } norms ? norms.Limit(harmless) : double.PositiveInfinity,
        _budget.CoversNext && _losses is { SkipsSpikes: true } losses ? losses.Limit : double.PositiveInfinity);

    /// <param name="loss">Null if none is at hand.</param>
    /// <param name="gradients">Those of this step.</param>
    /// <param name="harmless">The norm up to which clipping changes nothing.</param>
    public Judgement Judge(double? loss, GradientMeasurement gradients, double harmless)
    {
        _budget.Advance();
        if (loss is { } value && !double.IsFinite(value))
        {
            return new(StepReason.NonFiniteLoss, options.SkipNonFinite);
        }

        if (!gradients.IsFinite)
        {
            return new(StepReason.NonFiniteGradient, options.SkipNonFinite);
        }

        if (!gradients.Any)
        {
            return new(StepReason.NoGradient, Skip: false);
        }

        Judgement judgement = JudgeFinite(loss, gradients.Total.Squares.Norm, harmless);
        return judgement.Reason == StepReason.Finite && gradients.NormOverflows
            ? judgement with { Reason = StepReason.NormOverflow }
            : judgement;
    }

    private Judgement JudgeFinite(double? loss, double norm, double harmless)
    {
        Finding ofLoss = loss is not { } value || _losses is null || !_losses.IsUnusual(value) ? Finding.Usual
            : Unusual(isSpike: _losses.IsSpike(value), isLevelShift: _losses.Hold(value));
        Finding ofNorm = _norms is null || !_norms.IsUnusual(norm) ? Finding.Usual
            : Unusual(isSpike: _norms.IsSpike(norm, harmless), isLevelShift: _norms.Hold(norm));
        bool wantsSkip = (ofLoss == Finding.Spike && _losses!.SkipsSpikes) || (ofNorm == Finding.Spike && _norms!.SkipsSpikes);
        bool skip = wantsSkip && _budget.TryTake();
        if (!skip && ofLoss == Finding.Usual && loss is { } usual)
        {
            _losses?.Accept(usual);
        }

        if (!skip && ofNorm == Finding.Usual)
        {
            _norms?.Accept(norm);
        }

        StepReason reason = ofLoss == Finding.Spike ? StepReason.LossSpike
            : ofNorm == Finding.Spike ? StepReason.Spike
            : ofLoss == Finding.LevelShift || ofNorm == Finding.LevelShift ? StepReason.LevelShift
            : StepReason.Finite;
        return new(reason, skip, ofLoss == Finding.Unusual, ofLoss == Finding.LevelShift);
    }

    /// <summary>The unusual norms and losses that are held apart.</summary>
    public (double[]? Norms, double[]? Losses) Held
    {
        get => (_norms?.Held, _losses?.Held);
        set
        {
            _norms?.Held = value.Norms!;
            _losses?.Held = value.Losses!;
        }
    }

    public void Save(BinaryWriter writer)
    {
        _budget.Save(writer);
        StatePart.Save(writer, _norms);
        StatePart.Save(writer, _losses);
    }

    public void Load(BinaryReader reader)
    {
        _budget.Load(reader);
        StatePart.Load(reader, _norms, nameof(GradientGuardOptions.NormSpikes));
        StatePart.Load(reader, _losses, nameof(GradientGuardOptions.LossSpikes));
    }

    private static Finding Unusual(bool isSpike, bool isLevelShift) =>
        isLevelShift ? Finding.LevelShift : isSpike ? Finding.Spike : Finding.Unusual;

    private enum Finding
    {
        Usual,

        /// <summary>Held apart like a spike, but too small to do harm.</summary>
        Unusual,
        Spike,
        LevelShift,
    }
}
