namespace GradLint.Infrastructure;

/// <summary>The IDs of all rules. The first digit is the area, and the folder: see <see cref="RuleCategory"/>.</summary>
internal static class RuleIds
{
    public const string InvalidSetting = "GL0001";
    public const string DeepStackWithoutNormalization = "GL1001";
    public const string DefaultInitializationWithRectifier = "GL1002";
    public const string OversizedInitialization = "GL1003";
    public const string InitializationActivationMismatch = "GL1004";
    public const string NegativeSlopeTooHigh = "GL1005";
    public const string ResidualBranchWithoutNormalization = "GL1006";
    public const string NormalizationWithoutSkips = "GL1007";
    public const string DeepStackWithoutSkips = "GL1008";
    public const string SaturatingActivationInDeepStack = "GL1009";
    public const string MissingGradientClipping = "GL2001";
    public const string ClipThresholdInvalid = "GL2003";
    public const string GradientsNotCleared = "GL2004";
    public const string LearningRateTooHigh = "GL3001";
}

internal static class RuleCategory
{
    public const string Configuration = "Configuration";
    public const string GradientFlow = "GradientFlow";
    public const string TrainingLoop = "TrainingLoop";
    public const string Optimizer = "Optimizer";
}
