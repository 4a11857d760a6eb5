using System.Globalization;

namespace GradLint;

/// <summary>What the guard found and did in one optimizer step.</summary>
public readonly record struct StepVerdict
{
    private readonly IReadOnlyList<string>? _leadingParameters;
    private readonly IReadOnlyList<Advice>? _advice;

    /// <summary>What the guard did.</summary>
    public StepOutcome Outcome { get; internal init; }

    /// <summary>What the guard found.</summary>
    public StepReason Reason { get; internal init; }

    /// <summary>The number of this step, counted from 1 since the guard was attached; skipped steps count.</summary>
    public long Step { get; internal init; }

    /// <summary>The loss, or null if none was given.</summary>
    public double? Loss { get; internal init; }

    /// <summary>
    /// The L2 norm of all gradients together, before clipping. NaN if a gradient is not finite; infinite only if the true norm
    /// exceeds the range of a double.
    /// </summary>
    public double GradientNorm { get; internal init; }

    /// <summary>
    /// The gradient norm above which all gradients were clipped in this step; null if the kind of clipping has no such norm,
    /// or none yet.
    /// </summary>
    public double? Threshold { get; internal init; }

    /// <summary>The usual gradient norm of the steps before, against which spikes are judged; null until 64 steps are known.</summary>
    public double? Baseline { get; internal init; }

    /// <summary>The usual loss of the steps before, against which spikes are judged; null until 64 losses are known.</summary>
    public double? LossBaseline { get; internal init; }

    /// <summary>
    /// The names of the parameters with the largest gradient norms, largest first. If gradients are not finite: the names of
    /// the parameters that are affected, last in the model first, because a non-finite value spreads from the output to the input.
    /// </summary>
    public IReadOnlyList<string> LeadingParameters
    {
        get => _leadingParameters ?? [];
        internal init => _leadingParameters = value;
    }

    /// <summary>What is worth a look in this step: empty in nearly all. Each thing is told once, when it begins.</summary>
    public IReadOnlyList<Advice> Advice
    {
        get => _advice ?? [];
        internal init => _advice = value;
    }

    /// <summary>
    /// The step before which model and optimizer were as they are now again, after <see cref="StepOutcome.RolledBack"/> and
    /// <see cref="StepOutcome.Stopped"/>; null otherwise, or if there was no state to go back to.
    /// </summary>
    public long? RestoredStep { get; internal init; }

    /// <summary>
    /// What happened, in full sentences, after <see cref="StepOutcome.RolledBack"/> and <see cref="StepOutcome.Stopped"/>; null otherwise.
    /// </summary>
    public string? Report { get; internal init; }

    /// <summary>The line of the report that says why the guard stopped.</summary>
    internal string? StopCause { get; init; }

    /// <summary>
    /// Whether the step may be taken: whether <see cref="Outcome"/> is Applied or Clipped; or, if the verdict comes late, whether it is not
    /// RolledBack or Stopped.
    /// </summary>
    public bool MayStep => Outcome is StepOutcome.Applied or StepOutcome.Clipped || (IsLate && Outcome == StepOutcome.Skipped);

    /// <summary>
    /// Whether this is the verdict on the step before the one that was handed in: see <see cref="GradientGuardOptions.Lag"/>. Then Skipped
    /// says that that step's gradients were made zero.
    /// </summary>
    public bool IsLate { get; internal init; }

    /// <summary>Whether the guard called <c>optimizer.step()</c>: never after <see cref="GradientGuard.Inspect"/>.</summary>
    public bool StepApplied { get; internal init; }

    /// <summary>The verdict in one line, for a console or a log.</summary>
    public override string ToString()
    {
        string loss = Loss is { } value ? string.Create(CultureInfo.InvariantCulture, $", loss {value:G4}") : "";
        string names = LeadingParameters.Count == 0 ? "" : $" ({string.Join(", ", LeadingParameters)})";
        string advice = string.Concat(Advice.Select(a => $"; {a.Message}"));
        return string.Create(CultureInfo.InvariantCulture, $"step {Step}: {Finding}{loss}{names}{advice}");
    }

    private string Finding => (Outcome, Reason) switch
    {
        (_, StepReason.Pending) => "under way",
        (StepOutcome.RolledBack, _) => $"rolled back to step {RestoredStep}",
        (StepOutcome.Stopped, _) => StopCause is null ? "stopped" : $"stopped ({StopCause.TrimEnd('.')})",
        (StepOutcome.Skipped, StepReason.NonFiniteLoss) => "skipped, the loss is not finite",
        (StepOutcome.Skipped, StepReason.NonFiniteGradient) => "skipped, gradients are not finite",
        (_, StepReason.CorruptWeights) => $"{Deed}, a weight has grown as no training lets it grow",
        (_, StepReason.LossSpike) => $"{Deed}, the loss is a spike above {Text(LossBaseline)}, gradient norm {NormText}",
        (_, StepReason.Spike) => $"{Deed}, gradient norm {NormText} is a spike above {Text(Baseline)}",
        (_, StepReason.LevelShift) => $"{Deed}, gradient norm {NormText}, loss or norm have settled at a new level",
        (StepOutcome.Clipped, StepReason.NormOverflow) =>
            $"clipped, gradient norm {NormText}{ThresholdText} and beyond the range of its type",
        (StepOutcome.Clipped, _) => $"clipped, gradient norm {NormText}{ThresholdText}",
        (_, StepReason.NonFiniteLoss) => "applied although the loss is not finite",
        (_, StepReason.NonFiniteGradient) => "applied although gradients are not finite",
        (_, StepReason.NoGradient) => $"{Deed}, but no parameter has a gradient (was backward() called?)",
        (_, StepReason.NormOverflow) => $"applied, gradient norm {NormText}, beyond the range of its type",
        _ => $"applied, gradient norm {NormText}",
    };

    private string Deed => Outcome switch
    {
        StepOutcome.Skipped => "skipped",
        StepOutcome.Clipped => "clipped",
        _ => "applied",
    };

    private string NormText => Text(GradientNorm);

    private string ThresholdText => Threshold is null ? "" : $" > {Text(Threshold)}";

    private static string Text(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "the usual";
}
