namespace GradLint;

/// <summary>Why a training ended.</summary>
public enum TrainingEnding
{
    /// <summary>All epochs are done.</summary>
    Completed,

    /// <summary>The loss got no better: see <see cref="EarlyStopping"/>.</summary>
    StoppedEarly,

    /// <summary>The guard stopped it, because nothing helped: see <see cref="TrainingResult.Report"/>.</summary>
    StoppedByGuard,
}

/// <summary>What a training came to.</summary>
/// <param name="Ending">Why it ended.</param>
/// <param name="Epochs">Each epoch, those before a resumption included. One that the guard stopped is not among them.</param>
/// <param name="Best">The epoch with the lowest validation loss (or, without validation, loss); null if none was finite.</param>
/// <param name="Guard">What the guard has seen and done.</param>
/// <param name="Report">What happened if the guard stopped the training, in full sentences; null otherwise.</param>
public sealed record TrainingResult(
    TrainingEnding Ending, IReadOnlyList<EpochResult> Epochs, EpochResult? Best, GuardSummary Guard, string? Report);
