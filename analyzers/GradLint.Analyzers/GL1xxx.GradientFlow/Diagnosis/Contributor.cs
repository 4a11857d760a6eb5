using System;
using System.Globalization;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>Names the choice that most of a growth comes from.</summary>
internal static class Contributor
{
    /// <summary>The end of a message about the growth; empty where no choice stands out.</summary>
    public static string Of(GradientFlow flow, double growth)
    {
        Contribution? main = flow.Contributions.FirstOrDefault(one => Math.Sign(one.Decades) == Math.Sign(growth));
        return main is null || Math.Abs(main.Decades) < Math.Abs(growth) / 3 ? "" : $"; {NameOf(main)} accounts for {Share(main.Decades, growth)}";
    }

    /// <summary>Shares may exceed the whole where another choice works against them.</summary>
    private static string Share(double decades, double growth) => Math.Abs(decades) >= Math.Abs(growth) ? "all of it" : $"{Decades(decades)} of {Decades(growth)} decades";

    private static string NameOf(Contribution contribution) => contribution.Kind switch
    {
        ContributionKind.Initialization when contribution.Choice.StartsWith("KaimingUniform(slope: 2.236", StringComparison.Ordinal) => "TorchSharp's default initialization",
        ContributionKind.Initialization => $"the initialization {contribution.Choice}",
        ContributionKind.Activation => $"the activation {contribution.Choice}",
        ContributionKind.Normalization => $"the normalization {contribution.Choice}",
        ContributionKind.Residual => "what the residual sums add",
        _ => "the shape of the network",
    };

    private static string Decades(double decades) => Math.Abs(decades).ToString("0.#", CultureInfo.InvariantCulture);
}
