namespace GradLint;

/// <summary>What to try after an event, and the pages of the rules that tell more.</summary>
internal sealed record EventAdvice(string Text, IReadOnlyList<string> Rules)
{
    public static EventAdvice For(string reason) => reason switch
    {
        nameof(StepReason.NonFiniteLoss) => new(
            "Look at this batch for values that are not finite, and in the loss for a logarithm, root or quotient of what may be zero. "
            + "If it goes on, lower the learning rate.",
            ["GL4001", "GL4003", "GL4004", "GL3001"]),
        nameof(StepReason.NonFiniteGradient) => new(
            "The loss is finite and its derivative is not: a root or norm at zero, or numbers beyond the range of their type on the way back. "
            + "guard.Locate(...) on the same batch names the layer.",
            ["GL4002", "GL4003", "GL1003", "GL3001"]),
        nameof(StepReason.NormOverflow) => new(
            "Gradients this large come from weights that are too large for the depth of the network, or a loss that is a sum over many elements: "
            + "smaller initial weights, normalization layers, a mean instead of a sum.",
            ["GL1003", "GL2003"]),
        nameof(StepReason.Spike) => new(
            "Look at this batch. If spikes come again and again, clip nearer to the usual norm or lower the learning rate.",
            ["GL2001", "GL2003", "GL3001"]),
        nameof(StepReason.LossSpike) => new(
            "Either the batch is a bad one, or an earlier update was too large: compare with the update ratios before it, and lower the learning rate.",
            ["GL3001"]),
        nameof(StepReason.LevelShift) => new(
            "Nothing to do if the learning rate, the data or the layers that are trained changed here. Otherwise the training may be diverging slowly.",
            ["GL3001"]),
        nameof(StepReason.CorruptWeights) => new(
            "A weight was suddenly far larger than any before: look for code that writes to parameters, for a learning rate that jumped, or for faulty memory.",
            ["GL3001"]),
        nameof(StepReason.NoGradient) => new(
            "backward() was not called before this step, or the loss does not depend on the parameters.",
            ["GL2004"]),
        _ => new("See the guard's report and the pictures above.", []),
    };

    /// <summary>The pages of the rules that tell more about an advice, which has its own words.</summary>
    public static IReadOnlyList<string> RulesOf(AdviceKind kind) => kind switch
    {
        AdviceKind.DepthRatio => ["GL1001", "GL1003", "GL1006"],
        AdviceKind.VanishingGradient => ["GL1001", "GL1002", "GL1009"],
        AdviceKind.DeadUnits => ["GL1002", "GL3001"],
        AdviceKind.UpdateRatio => ["GL3001"],
        AdviceKind.Plateau => ["GL3004"],
        AdviceKind.Divergence => ["GL3001", "GL2001"],
        AdviceKind.ValidationLoss => ["GL3003"],
        _ => [],
    };
}
