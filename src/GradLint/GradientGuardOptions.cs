namespace GradLint;

/// <summary>How a <see cref="GradientGuard"/> decides. Checked as a whole when the guard is attached.</summary>
public sealed record GradientGuardOptions
{
    /// <summary>
    /// How large gradients are made smaller; null measures without clipping. Default: all together to an L2 norm of 1.0.
    /// </summary>
    public GradientClipping? Clipping { get; init; } = new GlobalNormClipping();

    /// <summary>
    /// How the gradients of each of the optimizer's parameter groups are made smaller, in the order of the groups and each group on its own;
    /// null leaves a group as it is. Groups beyond the list are clipped together by <see cref="Clipping"/>. Default null: all groups are.
    /// </summary>
    public IReadOnlyList<GradientClipping?>? GroupClipping { get; init; }

    /// <summary>
    /// Whether a step with a non-finite loss or gradient is skipped. Default true: one such step makes parameters and moments
    /// NaN for good. If false the verdict still says what was found, and gradients that are not finite are left as they are.
    /// </summary>
    public bool SkipNonFinite { get; init; } = true;

    /// <summary>How spikes of the gradient norm are found, and whether they are skipped; null does not look for them.</summary>
    public NormSpikeDetection? NormSpikes { get; init; } = new();

    /// <summary>How spikes of the loss are found, and whether they are skipped; null does not look for them.</summary>
    public LossSpikeDetection? LossSpikes { get; init; } = new();

    /// <summary>
    /// When the guard goes back to an earlier state of model and optimizer; null never does, and keeps no snapshots, which take
    /// memory.
    /// </summary>
    public RecoveryOptions? Recovery { get; init; } = new();

    /// <summary>What the guard advises on without acting on it; null does not look. See <see cref="StepVerdict.Advice"/>.</summary>
    public AdviceOptions? Advice { get; init; } = new();

    /// <summary>
    /// How many steps later the verdict on a step comes: 0 or 1. With 1 a step never waits for a device: gradients are clipped there, and those
    /// of a step that is to be skipped become zero, so that momentum and weight decay go on in it. Counts only if all gradients lie on a
    /// device, dense and real; takes <see cref="GlobalNormClipping"/> or none. Default 0. See <see cref="StepVerdict.IsLate"/>.
    /// </summary>
    public int Lag { get; init; }

    /// <summary>How many parameters a verdict names at most. Not negative; default 3.</summary>
    public int LeadingParameters { get; init; } = 3;

    /// <summary>
    /// The largest magnitude of a parameter that is taken for a meant value when the guard is attached. Greater than 0;
    /// <see cref="double.PositiveInfinity"/> accepts every finite value. Default 1e6: no initialization comes near it,
    /// uninitialized memory soon does.
    /// </summary>
    public double MaxInitialWeight { get; init; } = 1e6;

    internal Clipper? CreateClipper(bool throughMemory)
    {
        Clipper? clipper = Clipping?.CreateClipper(throughMemory);
        return GroupClipping is null
            ? clipper
            : new GroupClipper([.. GroupClipping.Select(clipping => clipping?.CreateClipper(throughMemory))], clipper);
    }

    /// <exception cref="ArgumentException">Any option is out of range; the message lists all that are.</exception>
    internal void Validate(string parameterName)
    {
        var problems = new List<string>();
        Clipping?.Validate(problems);
        foreach (GradientClipping? clipping in GroupClipping ?? [])
        {
            clipping?.Validate(problems);
        }

        NormSpikes?.Validate(problems);
        LossSpikes?.Validate(problems);
        Recovery?.Validate(problems);
        Advice?.Validate(problems);
        if (Lag is not (0 or 1))
        {
            problems.Add($"{nameof(Lag)} is {Lag}; it must be 0 or 1.");
        }

        if (Lag == 1 && (Clipping is not (null or GlobalNormClipping) || GroupClipping is not null || !SkipNonFinite))
        {
            problems.Add(
                $"{nameof(Lag)} is 1, which takes {nameof(GlobalNormClipping)} or no {nameof(Clipping)}, no {nameof(GroupClipping)}, "
                + $"and {nameof(SkipNonFinite)}.");
        }

        if (LeadingParameters < 0)
        {
            problems.Add($"{nameof(LeadingParameters)} is {LeadingParameters}; it must not be negative.");
        }

        // Written so that NaN fails.
        if (!(MaxInitialWeight > 0))
        {
            problems.Add(
                $"{nameof(MaxInitialWeight)} is {MaxInitialWeight}; it must be greater than 0 "
                + "(PositiveInfinity accepts every finite value).");
        }

        if (problems.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), parameterName);
        }
    }
}
