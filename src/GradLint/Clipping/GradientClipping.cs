namespace GradLint;

/// <summary>
/// A way of making large gradients smaller: <see cref="GlobalNormClipping"/>, <see cref="PerLayerNormClipping"/>,
/// <see cref="ValueClipping"/>, <see cref="AdaptiveGradientClipping"/>, <see cref="PercentileClipping"/>,
/// <see cref="ZScoreClipping"/> or <see cref="BaselineClipping"/>.
/// </summary>
/// <remarks>
/// Only finite gradients are clipped, and only in steps that are not skipped. What the adaptive kinds learn from is the norm
/// before clipping, of those steps.
/// </remarks>
public abstract record GradientClipping
{
    private protected GradientClipping()
    {
    }

    internal abstract void Validate(List<string> problems);

    internal abstract Clipper CreateClipper(bool throughMemory);

    /// <summary>Adds a problem unless a value is greater than 0; NaN is not.</summary>
    private protected void RequirePositive(List<string> problems, string option, double value, string meaningOfInfinity = "")
    {
        if (!(value > 0))
        {
            problems.Add($"{GetType().Name}.{option} is {value}; it must be greater than 0{meaningOfInfinity}.");
        }
    }
}
