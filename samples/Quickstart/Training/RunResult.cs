namespace Quickstart;

/// <summary>One training run: its curves and its row in the table.</summary>
internal sealed record RunResult(string Name, IReadOnlyList<StepRecord> Steps, StepCounts Counts, double FinalLoss, double Accuracy, TimeSpan Time);
