namespace GradLint.Faults;

/// <summary>What became of one run of a study.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Optimizer">The optimizer's name.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Fault">The fault's name; null in a run where nothing went wrong.</param>
/// <param name="Seed">Of torch's random numbers.</param>
/// <param name="FinalLoss">What the task calls its final loss.</param>
/// <param name="StepsLost">How many steps were skipped or rolled back: false alarms, if nothing went wrong.</param>
/// <param name="WeightsAreFinite">Whether all parameters are in the end.</param>
public sealed record FaultRun(
    string Model, string Optimizer, string Method, string? Fault, int Seed, double FinalLoss, long StepsLost, bool WeightsAreFinite);
