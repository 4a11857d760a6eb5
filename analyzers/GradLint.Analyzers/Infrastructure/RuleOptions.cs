using System.Collections.Generic;
using System.Globalization;

namespace GradLint.Infrastructure;

/// <summary>All settings of all rules. The page configuration.md lists them; a test holds it to this.</summary>
internal static class RuleOptions
{
    private static readonly List<RuleOption> s_all = [];

    public static readonly RuleOption<double> GL1001Decades = Positive(
        RuleIds.DeepStackWithoutNormalization, "decades", 2, "Decades of growth, in either direction, from which a stack gets a warning.");

    public static readonly RuleOption<double> GL1001AdviceDecades = Positive(
        RuleIds.DeepStackWithoutNormalization, "advice_decades", 1, "Decades of growth, in either direction, from which a stack gets advice.");

    public static readonly RuleOption<int> GL1001Layers = Count(
        RuleIds.DeepStackWithoutNormalization, "layers", 8, "Weight layers from which a stack is deep.");

    public static readonly RuleOption<double> GL1002Decades = Positive(
        RuleIds.DefaultInitializationWithRectifier, "decades", 3, "Decades by which the gradient must shrink for a warning.");

    public static readonly RuleOption<double> GL1002AdviceDecades = Positive(
        RuleIds.DefaultInitializationWithRectifier, "advice_decades", 1.5, "Decades by which the gradient must shrink for advice.");

    public static readonly RuleOption<double> GL1003Decades = Positive(
        RuleIds.OversizedInitialization, "decades", 1, "Decades by which one initializer must enlarge the signal.");

    public static readonly RuleOption<double> GL1004Decades = Positive(
        RuleIds.InitializationActivationMismatch, "decades", 1, "Decades that an initializer for another activation must cost.");

    public static readonly RuleOption<double> GL1005Slope = Positive(
        RuleIds.NegativeSlopeTooHigh, "slope", 1, "Above this negative slope, a leaky rectifier gets a warning.");

    public static readonly RuleOption<double> GL1005AdviceSlope = Positive(
        RuleIds.NegativeSlopeTooHigh, "advice_slope", 0.5, "Above this negative slope, a leaky rectifier gets advice.");

    public static readonly RuleOption<double> GL1006Decades = Positive(
        RuleIds.ResidualBranchWithoutNormalization, "decades", 2, "Decades of growth from which residual branches without normalization are flagged.");

    public static readonly RuleOption<double> GL1007Decades = Positive(
        RuleIds.NormalizationWithoutSkips, "decades", 2, "Decades of growth from which normalization without skips is flagged.");

    public static readonly RuleOption<int> GL1008Layers = Count(
        RuleIds.DeepStackWithoutSkips, "layers", 20, "Weight layers in a row from which skips are missed.");

    public static readonly RuleOption<double> GL1009Decades = Positive(
        RuleIds.SaturatingActivationInDeepStack, "decades", 4, "Decades by which the gradient must shrink for a warning.");

    public static readonly RuleOption<double> GL1009AdviceDecades = Positive(
        RuleIds.SaturatingActivationInDeepStack, "advice_decades", 2, "Decades by which the gradient must shrink for advice.");

    public static readonly RuleOption<double> GL1010Decades = Positive(
        RuleIds.RecurrentInitializationUnstable, "decades", 1, "Decades by which the gradient must grow on its way back through time.");

    public static readonly RuleOption<int> GL1010Steps = Count(
        RuleIds.RecurrentInitializationUnstable, "steps", 100, "The length of the sequences, in time steps.");

    public static readonly RuleOption<bool> GL2001Always = Flag(
        RuleIds.MissingGradientClipping, "always", false, "Advise for every loop that limits no gradients, whatever it trains.");

    public static readonly RuleOption<double> GL2001Decades = Positive(RuleIds.MissingGradientClipping, "decades", 2, "Decades of growth from which the rule warns.");

    public static readonly RuleOption<int> GL2001Layers = Count(
        RuleIds.MissingGradientClipping, "layers", 20, "Weight layers without skip connections from which the rule advises.");

    public static readonly RuleOption<double> GL2003Highest = Positive(
        RuleIds.ClipThresholdInvalid, "highest", 1000, "The highest threshold that is taken to clip anything.");

    public static readonly RuleOption<double> GL3001SgdRate = Positive(
        RuleIds.LearningRateTooHigh, "sgd_rate", 1, "Above this rate, SGD gets a warning.");

    public static readonly RuleOption<double> GL3001SgdAdviceRate = Positive(
        RuleIds.LearningRateTooHigh, "sgd_advice_rate", 0.1, "Above this rate, SGD gets advice.");

    public static readonly RuleOption<double> GL3001AdamRate = Positive(
        RuleIds.LearningRateTooHigh, "adam_rate", 0.1, "From this rate on, the Adam family gets a warning.");

    public static readonly RuleOption<double> GL3001AdamAdviceRate = Positive(
        RuleIds.LearningRateTooHigh, "adam_advice_rate", 0.03, "Above this rate, the Adam family gets advice.");

    public static readonly RuleOption<double> GL3001AdagradRate = Positive(
        RuleIds.LearningRateTooHigh, "adagrad_rate", 1, "From this rate on, Adagrad gets a warning.");

    public static readonly RuleOption<double> GL3001AdagradAdviceRate = Positive(
        RuleIds.LearningRateTooHigh, "adagrad_advice_rate", 0.3, "Above this rate, Adagrad gets advice.");

    /// <summary>Every setting, in the order of the rules.</summary>
    public static IReadOnlyList<RuleOption> All => s_all;

    private static RuleOption<double> Positive(string rule, string name, double byDefault, string meaning) =>
        Add(new RuleOption<double>(rule, name, byDefault, "a number above 0", ParsePositive, meaning));

    private static RuleOption<int> Count(string rule, string name, int byDefault, string meaning) =>
        Add(new RuleOption<int>(rule, name, byDefault, "a whole number above 0", ParseCount, meaning));

    private static RuleOption<bool> Flag(string rule, string name, bool byDefault, string meaning) =>
        Add(new RuleOption<bool>(rule, name, byDefault, "true or false", ParseFlag, meaning));

    private static RuleOption<T> Add<T>(RuleOption<T> option)
        where T : struct
    {
        s_all.Add(option);
        return option;
    }

    private static double? ParsePositive(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && !double.IsInfinity(value) ? value : null;

    private static int? ParseCount(string text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;

    private static bool? ParseFlag(string text) => bool.TryParse(text, out bool value) ? value : null;
}
