using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1006: residual blocks without normalization whose gradient explodes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1006ResidualBranchWithoutNormalizationAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.ResidualBranchWithoutNormalization,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Residual branches without normalization",
        "The branches of {0} residual blocks of '{1}' have no normalization, which makes the backward signal about {2} times larger on its way from the last layer to the first; "
        + "with a norm at the start of each branch about {3} times",
        "Each residual block adds its branch to the signal. Where nothing normalizes what goes into the branches, each block multiplies the signal, and in depth the gradient explodes. "
        + "A norm at the start of each branch, or a last layer that starts at zero, keeps it.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis) =>
        diagnosis.Findings<ExplodingResiduals>().Select(finding => s_rule.At(
            finding.Level,
            finding.Location,
            [.. (finding.Starts ?? []).Concat(finding.Ends ?? []).Select(creation => creation.GetLocation())],
            GL1006Facts.Of(finding),
            finding.Blocks,
            model.Name,
            Magnitude.OfDecades(finding.Growth),
            Magnitude.OfDecades(finding.Normalized)));
}

/// <summary>The names under which a GL1006 diagnostic carries facts to its code fix.</summary>
internal static class GL1006Facts
{
    /// <summary>How many of the additional locations, from the first on, create the first layer of a branch; the others create a last one.</summary>
    public const string Starts = "Starts";

    public static ImmutableDictionary<string, string?> Of(ExplodingResiduals finding) =>
        ImmutableDictionary<string, string?>.Empty.Add(Starts, (finding.Starts?.Count ?? 0).ToString(CultureInfo.InvariantCulture));
}
