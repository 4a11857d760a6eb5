using System.Collections.Immutable;
using GradLint.Rules;

namespace GradLint.CodeFixes.Rules;

/// <summary>Writes the initializer call that an analyzer found fitting.</summary>
internal static class InitializerSyntax
{
    /// <summary>
    /// The call for one weight. <paramref name="init"/> is how the code names <c>torch.nn.init</c>, with its dot;
    /// empty where its members are imported. Null if the diagnostic does not name an initializer.
    /// </summary>
    public static string? Call(ImmutableDictionary<string, string?> properties, string init, string weight)
    {
        if (!properties.TryGetValue(FittingInitializerCall.MethodKey, out string? method) || method is null)
        {
            return null;
        }

        string? slope = properties.GetValueOrDefault(FittingInitializerCall.SlopeKey);
        string? gain = properties.GetValueOrDefault(FittingInitializerCall.GainKey);
        string arguments = (method, slope, gain) switch
        {
            ("kaiming_normal_", null, _) => $", nonlinearity: {init}NonlinearityType.ReLU",
            ("kaiming_normal_", _, _) => $", a: {slope}, nonlinearity: {init}NonlinearityType.LeakyReLU",
            (_, _, not null) => $", gain: {gain}",
            _ => "",
        };
        return $"{init}{method}({weight}{arguments})";
    }
}
