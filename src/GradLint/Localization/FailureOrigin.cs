namespace GradLint;

/// <summary>
/// Where in a model something that is not finite arose when a batch was repeated: see <see cref="GradientGuard.Locate"/>.
/// </summary>
public sealed record FailureOrigin
{
    /// <summary>Whether the repeated batch gave a loss or gradient that is not finite again.</summary>
    public bool Reproduced { get; internal init; }

    /// <summary>The name of the first layer in the forward pass whose output was not finite; null if there was none.</summary>
    public string? OutputOf { get; internal init; }

    /// <summary>
    /// The name of the layer in whose backward pass the gradient was not finite for the first time. Null if there was none, or if
    /// it arose in an operation between two layers: then <see cref="Report"/> says between which.
    /// </summary>
    public string? GradientOf { get; internal init; }

    /// <summary>What was found, in full sentences.</summary>
    public string Report { get; internal init; } = "";
}
