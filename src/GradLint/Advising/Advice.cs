using System.Globalization;

namespace GradLint;

/// <summary>Something about a run that is worth a look. Advice changes nothing: steps are neither clipped nor skipped for it.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Step">In which step.</param>
/// <param name="Value">The number that was found.</param>
/// <param name="Limit">The number that it has passed.</param>
/// <param name="Message">What was found and what to try, in full sentences.</param>
/// <param name="Parameters">The names of the parameters that are meant; none if it is the run as a whole.</param>
public sealed record Advice(AdviceKind Kind, long Step, double Value, double Limit, string Message, IReadOnlyList<string> Parameters)
{
    /// <summary>The advice in one line, for a console or a log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"step {Step}: {Message}");
}

/// <summary>What an <see cref="Advice"/> is about.</summary>
public enum AdviceKind
{
    /// <summary>The gradient explodes on its way back: see <see cref="DepthRatioDetection"/>.</summary>
    DepthRatio,

    /// <summary>The gradient vanishes on its way back: see <see cref="VanishingGradientDetection"/>.</summary>
    VanishingGradient,

    /// <summary>Parameters or units get no gradient at all: see <see cref="DeadUnitDetection"/>.</summary>
    DeadUnits,

    /// <summary>Steps are large or small beside the weights: see <see cref="UpdateRatioDetection"/>.</summary>
    UpdateRatio,

    /// <summary>The loss no longer falls: see <see cref="PlateauDetection"/>.</summary>
    Plateau,

    /// <summary>The loss has risen far above its best: see <see cref="DivergenceDetection"/>.</summary>
    Divergence,

    /// <summary>The loss on validation data rises: see <see cref="ValidationLossDetection"/>.</summary>
    ValidationLoss,
}
