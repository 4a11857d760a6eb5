namespace GradLint.Faults;

/// <summary>A fault with a name, and what is asked of a protection against it.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Fault">What goes wrong.</param>
/// <param name="IsTransient">
/// Whether it passes, so that the final loss can be that of a run where nothing went wrong. A lasting one only must not end in NaN.
/// </param>
public sealed record StudyFault(string Name, Fault Fault, bool IsTransient = true)
{
    /// <summary>A dozen faults of all kinds that begin in one step.</summary>
    /// <param name="step">The step, counted from 1. A guard's baselines are ready after 64.</param>
    public static IReadOnlyList<StudyFault> Standard(int step) =>
    [
        new("NaN", new(FaultKind.NotANumber, step)),
        new("NaN, 10 steps", new(FaultKind.NotANumber, step, Steps: 10)),
        new("Inf", new(FaultKind.Infinity, step)),
        new("spike x 1e2", new(FaultKind.Spike, step, Factor: 1e2)),
        new("spike x 1e4", new(FaultKind.Spike, step, Factor: 1e4)),
        new("spike x 1e6", new(FaultKind.Spike, step, Factor: 1e6)),
        new("spike x 1e3, 10 steps", new(FaultKind.Spike, step, Steps: 10, Factor: 1e3)),
        new("finite overflow", new(FaultKind.Overflow, step)),
        new("weight x 1e3", new(FaultKind.CorruptWeight, step, Factor: 1e3)),
        new("weight x 1e6", new(FaultKind.CorruptWeight, step, Factor: 1e6)),
        new("learning rate x 1e3", new(FaultKind.LearningRate, step)),
        new("lasting shift x 10", new(FaultKind.Spike, step, Steps: int.MaxValue, Factor: 10), IsTransient: false),
    ];
}
