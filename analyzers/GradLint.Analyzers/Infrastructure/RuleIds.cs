namespace GradLint.Infrastructure;

/// <summary>The IDs of all rules. The first digit is the area, and the folder: see <see cref="RuleCategory"/>.</summary>
internal static class RuleIds
{
    public const string InvalidSetting = "GL0001";
    public const string DefaultInitializationWithRectifier = "GL1002";
    public const string OversizedInitialization = "GL1003";
    public const string MissingGradientClipping = "GL2001";
    public const string ClippingMisplaced = "GL2002";
    public const string ClipThresholdInvalid = "GL2003";
    public const string GradientsNotCleared = "GL2004";
    public const string ClipDoesNotStopNonFinite = "GL2005";
    public const string SchedulerBeforeOptimizer = "GL2006";
    public const string GradientsClearedBeforeStep = "GL2007";
    public const string LearningRateTooHigh = "GL3001";
    public const string AdamWWithoutWeightDecay = "GL3002";
    public const string NoWeightDecay = "GL3003";
    public const string ConstantLearningRate = "GL3004";
    public const string NoValidation = "GL3005";
    public const string UninitializedGroupNorm = "GL5001";
    public const string HardtanhDoesNothing = "GL5002";
    public const string TruncNormalSwapsArguments = "GL5003";
    public const string RAdamSquaresLearningRate = "GL5004";
    public const string GaussianNllLossIgnoresVariance = "GL5005";
    public const string InPlaceActivationBreaksBackward = "GL5006";
    public const string SgdMaximizeInvertsWeightDecay = "GL5007";
}

internal static class RuleCategory
{
    public const string Configuration = "Configuration";
    public const string GradientFlow = "GradientFlow";
    public const string TrainingLoop = "TrainingLoop";
    public const string Optimizer = "Optimizer";
    public const string TorchSharpDefects = "TorchSharpDefects";
}
