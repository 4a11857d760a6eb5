using Microsoft.Extensions.Logging;

namespace GradLint;

/// <summary>Tells a logger what is not in order. Steps that are applied or clipped as usual are at the level Trace.</summary>
public sealed partial class StepLogger : IStepObserver
{
    private readonly ILogger _logger;

    /// <summary>For a guard that is watched by <see cref="GradientGuard.Observe"/>; a trainer takes the logger as an option.</summary>
    public StepLogger(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        _logger = logger;
    }

    void IStepObserver.OnMeasured(in StepMeasurement measurement)
    {
    }

    void IStepObserver.OnJudged(in StepVerdict verdict)
    {
        LogLevel level = LevelOf(verdict);
        if (!_logger.IsEnabled(level))
        {
            return;
        }

        switch (verdict.Outcome)
        {
            case StepOutcome.Skipped:
                StepSkipped(
                    level, verdict.Step, verdict.Reason, verdict.GradientNorm, verdict.Baseline, verdict.Loss, verdict.LeadingParameters);
                break;
            case StepOutcome.RolledBack:
                RolledBack(level, verdict.Step, verdict.Reason, verdict.RestoredStep, verdict.Report);
                break;
            case StepOutcome.Stopped:
                Stopped(level, verdict.Step, verdict.Report);
                break;
            default:
                StepTaken(level, verdict.Step, verdict.Outcome, verdict.Reason, verdict.GradientNorm, verdict.Threshold, verdict.Loss);
                break;
        }
    }

    void IStepObserver.OnAdvised(Advice advice) => Advised(advice.Step, advice.Kind, advice.Message);

    private static LogLevel LevelOf(in StepVerdict verdict) => verdict.Outcome switch
    {
        StepOutcome.Stopped => LogLevel.Error,
        StepOutcome.RolledBack or StepOutcome.Skipped => LogLevel.Warning,
        _ => verdict.Reason switch
        {
            StepReason.Finite => LogLevel.Trace,
            StepReason.LevelShift => LogLevel.Information,
            _ => LogLevel.Warning,
        },
    };

    [LoggerMessage(1, LogLevel.Information, "Epoch {Epoch}, step {Step}: loss {Loss}, validation loss {ValidationLoss}.")]
    private static partial void EpochCompleted(ILogger logger, int epoch, long step, double loss, double? validationLoss);

    internal static void EpochCompleted(ILogger logger, EpochResult epoch) =>
        EpochCompleted(logger, epoch.Epoch, epoch.Step, epoch.Loss, epoch.ValidationLoss);

    [LoggerMessage(7, LogLevel.Warning, "Epoch {Epoch}: no checkpoint was written, the former one stays. {Refusal}")]
    internal static partial void CheckpointRefused(ILogger logger, int epoch, string refusal);

    [LoggerMessage(
        EventId = 2,
        Message = "Step {Step} was skipped: {Reason}. Gradient norm {GradientNorm}, usual norm {Baseline}, loss {Loss}; parameters {Parameters}.")]
    private partial void StepSkipped(
        LogLevel level, long step, StepReason reason, double gradientNorm, double? baseline, double? loss, IReadOnlyList<string> parameters);

    [LoggerMessage(EventId = 3, Message = "Step {Step}: {Reason}; rolled back to step {RestoredStep}. {Report}")]
    private partial void RolledBack(LogLevel level, long step, StepReason reason, long? restoredStep, string? report);

    [LoggerMessage(EventId = 4, Message = "Step {Step}: the guard has stopped. {Report}")]
    private partial void Stopped(LogLevel level, long step, string? report);

    [LoggerMessage(EventId = 5, Message = "Step {Step}: {Outcome}, {Reason}. Gradient norm {GradientNorm}, threshold {Threshold}, loss {Loss}.")]
    private partial void StepTaken(
        LogLevel level, long step, StepOutcome outcome, StepReason reason, double gradientNorm, double? threshold, double? loss);

    [LoggerMessage(6, LogLevel.Warning, "Step {Step}: {Kind}. {Message}")]
    private partial void Advised(long step, AdviceKind kind, string message);
}
