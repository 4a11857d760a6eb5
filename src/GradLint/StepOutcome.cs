namespace GradLint;

/// <summary>What the guard did with one optimizer step.</summary>
public enum StepOutcome
{
    /// <summary>The gradients were left as they were.</summary>
    Applied,

    /// <summary>The gradients were scaled down to the threshold; their direction is unchanged.</summary>
    Clipped,

    /// <summary>The step must not be taken: parameters, moments, step count and weight decay stay as they are.</summary>
    Skipped,
}
