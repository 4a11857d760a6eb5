namespace GradLint;

/// <summary>What a guard advises on, beside what it acts on. Each part that is null is not looked for, and costs nothing.</summary>
public sealed record AdviceOptions
{
    /// <summary>Whether the gradient explodes on its way back through the layers.</summary>
    public DepthRatioDetection? DepthRatio { get; init; } = new();

    /// <summary>Whether it vanishes.</summary>
    public VanishingGradientDetection? VanishingGradients { get; init; } = new();

    /// <summary>Whether parameters or units get no gradient at all.</summary>
    public DeadUnitDetection? DeadUnits { get; init; } = new();

    /// <summary>How large the steps are beside the weights. Default null: it takes a copy of all weights.</summary>
    public UpdateRatioDetection? UpdateRatio { get; init; }

    /// <summary>Whether the loss no longer falls.</summary>
    public PlateauDetection? Plateau { get; init; } = new();

    /// <summary>Whether the loss has risen far above its best.</summary>
    public DivergenceDetection? Divergence { get; init; } = new();

    /// <summary>Whether the loss on validation data rises: of those that <see cref="GradientGuard.RecordValidation"/> is told.</summary>
    public ValidationLossDetection? ValidationLoss { get; init; } = new();

    internal void Validate(List<string> problems)
    {
        DepthRatio?.Validate(problems);
        VanishingGradients?.Validate(problems);
        DeadUnits?.Validate(problems);
        UpdateRatio?.Validate(problems);
        Plateau?.Validate(problems);
        Divergence?.Validate(problems);
        ValidationLoss?.Validate(problems);
    }

    /// <summary>Adds a problem unless a value is in order. Conditions are written so that NaN fails.</summary>
    internal static void Require(List<string> problems, bool isInOrder, string option, double value, string range)
    {
        if (!isInOrder)
        {
            problems.Add($"{option} is {value}; it must be {range}.");
        }
    }
}
