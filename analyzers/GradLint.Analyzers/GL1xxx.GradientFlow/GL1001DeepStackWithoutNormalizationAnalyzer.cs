using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1001: a deep stack without normalization and skip connections in which the gradient explodes or vanishes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1001DeepStackWithoutNormalizationAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    /// <summary>The key that tells the code fix that the additional locations create the layers to normalize.</summary>
    internal const string NormalizeKey = "normalize";

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.DeepStackWithoutNormalization,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Deep stack of layers without normalization or skip connections",
        "{0} layers of '{1}', from '{2}' to '{3}', have no normalization or skip connections: the backward signal becomes about {4} times {5} on its way through them{6}",
        "Without normalization or skip connections each layer multiplies the backward signal by its own factor, and in depth the gradient of the first layers explodes or vanishes. "
        + "A norm behind each layer with weights resets it.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis) =>
        diagnosis.Findings<DeepStack>().Select(finding => s_rule.At(
            finding.Level,
            finding.Location,
            finding.ToNormalize?.Select(creation => creation.GetLocation()),
            finding.ToNormalize is null ? null : ImmutableDictionary<string, string?>.Empty.Add(NormalizeKey, "after"),
            finding.Layers.Count,
            model.Name,
            finding.Layers[0].Name,
            finding.Layers[finding.Layers.Count - 1].Name,
            Magnitude.OfDecades(finding.Growth),
            finding.Growth < 0 ? "smaller" : "larger",
            Contributor.Of(model.Flow!, finding.Growth)));
}
