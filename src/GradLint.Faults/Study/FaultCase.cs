namespace GradLint.Faults;

/// <summary>The runs of a study that differ in nothing but the seed, together.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Optimizer">The optimizer's name.</param>
/// <param name="Method">The method's name.</param>
/// <param name="Fault">The fault's name.</param>
/// <param name="LossRatio">
/// The median over the seeds of the final loss over that of the same method's run where nothing went wrong; infinite where a loss is not
/// finite.
/// </param>
/// <param name="StepsLost">The median of the steps that were skipped or rolled back.</param>
/// <param name="WeightsAreFinite">Whether the parameters of all runs are in the end.</param>
public sealed record FaultCase(
    string Model, string Optimizer, string Method, string Fault, double LossRatio, double StepsLost, bool WeightsAreFinite)
{
    /// <summary>The bar for a fault that passes: the final loss is at most 5 percent above that of the clean run.</summary>
    public const double Bar = 1.05;

    /// <summary>Whether the bar is met.</summary>
    public bool IsWithinBar => LossRatio <= Bar;
}
