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
    public const string RecurrentInitializationUnstable = "GL1010";
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
    public const string UnsafeLogarithm = "GL4001";
    public const string UnsafeSquareRoot = "GL4002";
    public const string UnsafeDivision = "GL4003";
    public const string UnboundedExponential = "GL4004";
    public const string LogOfSoftmax = "GL4005";
    public const string SigmoidBeforeBinaryCrossEntropy = "GL4006";
    public const string SoftmaxBeforeCrossEntropy = "GL4007";
    public const string EpsilonMistakenForMomentum = "GL4008";
    public const string UnscaledInput = "GL4009";
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
    public const string Numerics = "Numerics";
}
