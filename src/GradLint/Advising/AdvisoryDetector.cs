using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Looks at each step for something that is worth an advice. Allocates only when it finds it.</summary>
internal abstract class AdvisoryDetector : IGuardState
{
    private readonly Episode _episode = new();

    /// <summary>Is told the parameters whose gradients follow: on attaching, and when others join.</summary>
    public virtual void Attach(IReadOnlyList<string> names, IReadOnlyList<Parameter> parameters)
    {
    }

    public abstract Advice? Observe(in ObservedStep step);

    public virtual void Save(BinaryWriter writer) => _episode.Save(writer);

    public virtual void Load(BinaryReader reader) => _episode.Load(reader);

    /// <summary>Whether something that holds now is to be told: once, and again only after it has not held for long.</summary>
    protected bool IsNews(bool holds) => _episode.Begins(holds);
}

/// <summary>What a detector sees of a step.</summary>
internal readonly ref struct ObservedStep(
    long number, double? loss, ReadOnlySpan<Tensor?> gradients, GradientMeasurement measured, StepOutcome outcome)
{
    public long Number { get; } = number;

    /// <summary>Null if none is at hand, or if it is not finite.</summary>
    public double? Loss { get; } = loss is { } value && double.IsFinite(value) ? value : null;

    public ReadOnlySpan<Tensor?> Gradients { get; } = gradients;

    public GradientMeasurement Measured { get; } = measured;

    public StepOutcome Outcome { get; } = outcome;

    public bool HasGradients => Measured is { IsFinite: true, Any: true };

    public bool IsTaken => Outcome is StepOutcome.Applied or StepOutcome.Clipped;
}
