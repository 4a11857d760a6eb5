namespace GradLint;

/// <summary>A run as its log tells it.</summary>
public sealed class RunHistory
{
    internal RunHistory(string? cutOff) => CutOff = cutOff;

    /// <summary>Why the log ends before the run did, in a sentence; null if it is whole.</summary>
    public string? CutOff { get; internal set; }

    /// <summary>The name of the model, as it gives it to its base class.</summary>
    public string Model { get; internal set; } = "";

    /// <summary>The type of the optimizer.</summary>
    public string Optimizer { get; internal set; } = "";

    /// <summary>How gradients were clipped.</summary>
    public string Clipping { get; internal set; } = "";

    /// <summary>When the run was started, or resumed for the last time.</summary>
    public DateTimeOffset Started { get; internal set; }

    /// <summary>How the run ended; null if the log does not say.</summary>
    public RunEnding? Ending { get; internal set; }

    /// <summary>The names of the layers, in the model's order.</summary>
    public IReadOnlyList<string> Layers => LayerNames;

    /// <summary>Every step.</summary>
    public IReadOnlyList<RunStep> Steps => StepList;

    /// <summary>The steps that were not simply applied or clipped.</summary>
    public IReadOnlyList<RunEvent> Events => EventList;

    /// <summary>What the guard advised on. Kinds that only a later version knows are left out.</summary>
    public IReadOnlyList<Advice> Advice => AdviceList;

    /// <summary>The gradient norm of each layer, before clipping, at the steps that were logged.</summary>
    public IReadOnlyList<LayerValues> Norms => NormList;

    /// <summary>The update ratio |dW|/|W| of each layer, at the steps that were logged.</summary>
    public IReadOnlyList<LayerValues> Updates => UpdateList;

    /// <summary>The gradients' magnitudes, at the steps that were logged.</summary>
    public IReadOnlyList<RunHistogram> Histograms => HistogramList;

    /// <summary>Every epoch.</summary>
    public IReadOnlyList<EpochResult> Epochs => EpochList;

    /// <summary>Predicted and measured flow at the start; null if it was not logged.</summary>
    public RunFlow? Flow { get; internal set; }

    internal List<string> LayerNames { get; } = [];

    internal List<RunStep> StepList { get; } = [];

    internal List<RunEvent> EventList { get; } = [];

    internal List<Advice> AdviceList { get; } = [];

    internal List<LayerValues> NormList { get; } = [];

    internal List<LayerValues> UpdateList { get; } = [];

    internal List<RunHistogram> HistogramList { get; } = [];

    internal List<EpochResult> EpochList { get; } = [];

    /// <summary>Reads a log. One that was cut off by a crash is read up to its last whole line: see <see cref="CutOff"/>.</summary>
    /// <param name="path">The file that a <see cref="RunLogWriter"/> wrote, or writes still.</param>
    /// <exception cref="InvalidDataException">The file is no run log, or one of a later version.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RunHistory Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);
        return RunLogReader.Read(file, path);
    }
}

/// <summary>One step of a run.</summary>
/// <param name="Step">Its number, from 1.</param>
/// <param name="Seconds">The time since the log was started.</param>
/// <param name="Loss">NaN if the guard was not given it.</param>
/// <param name="Norm">The gradient norm before clipping; NaN if gradients were not finite.</param>
/// <param name="Threshold">That of clipping; NaN if there was none.</param>
/// <param name="Rate">The learning rate of the first parameter group.</param>
/// <param name="Outcome">What the guard did.</param>
public readonly record struct RunStep(
    long Step, double Seconds, double Loss, double Norm, double Threshold, double Rate, StepOutcome Outcome);

/// <summary>A step that was not simply applied or clipped.</summary>
/// <param name="At">The step.</param>
/// <param name="Reason">What the guard found: the name of a <see cref="StepReason"/>.</param>
/// <param name="Baseline">The usual gradient norm; NaN if it was not known.</param>
/// <param name="LossBaseline">The usual loss; NaN if it was not known.</param>
/// <param name="Parameters">The parameters that led, or that are not finite.</param>
/// <param name="RestoredStep">The step that was gone back to, or null.</param>
/// <param name="Report">What happened, in full sentences, or null.</param>
public sealed record RunEvent(
    RunStep At, string Reason, double Baseline, double LossBaseline, IReadOnlyList<string> Parameters, long? RestoredStep, string? Report);

/// <summary>A value for each layer at one step; NaN where there is none.</summary>
public sealed record LayerValues(long Step, IReadOnlyList<double> Values);

/// <summary>How the gradients' magnitudes were distributed at one step, before clipping.</summary>
/// <param name="Step">The step.</param>
/// <param name="Layers">One for each layer.</param>
public sealed record RunHistogram(long Step, IReadOnlyList<LayerHistogram> Layers);

/// <summary>How the magnitudes of a layer's gradients were distributed.</summary>
/// <param name="Lowest">The exponent of 2 where the first bin begins; each is a factor of 2 wide.</param>
/// <param name="Counts">How many elements are in each bin.</param>
/// <param name="Zeros">How many are zero.</param>
/// <param name="NonFinite">How many are not finite.</param>
public sealed record LayerHistogram(int Lowest, IReadOnlyList<long> Counts, long Zeros, long NonFinite);

/// <summary>Predicted and measured flow of the gradient, decimal logarithms throughout; NaN where a value is missing.</summary>
public sealed record RunFlow(
    double PredictedGrowth, double MeasuredGrowth, string? Stop, IReadOnlyList<RunFlowLayer> Layers, IReadOnlyList<string> Assumptions);

/// <summary>log10 |dL/dW| of one layer: what was predicted, with its range, and what was measured.</summary>
public sealed record RunFlowLayer(string Name, double Low, double Predicted, double High, double Measured);

/// <summary>How a run ended.</summary>
/// <param name="Ending">In a word or a sentence.</param>
/// <param name="MedianNorm">The median gradient norm.</param>
/// <param name="Norm95">The norm that 5 percent of the steps exceeded.</param>
/// <param name="SuggestedMaxNorm">The clipping threshold that the run's own norms suggest; NaN with fewer than 100 steps.</param>
public sealed record RunEnding(string Ending, double MedianNorm, double Norm95, double SuggestedMaxNorm);
