using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1007: norms in a deep network without skip connections, which make its gradient explode.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1007NormalizationWithoutSkipsAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.NormalizationWithoutSkips,
        RuleCategory.GradientFlow,
        RuleLevel.Advice,
        "Normalization in a deep network without skip connections",
        "{0} without skip connections makes the backward signal of the {1} layers of '{2}' about {3} times larger on its way from the last to the first; {4}",
        "Batch normalization makes the gradient of a deep network without skip connections explode, whatever the initialization (Yang et al. 2019); so does layer normalization behind "
        + "the activation instead of in front of it. Skip connections, or a norm in front of the activation, keep it.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis) =>
        diagnosis.Findings<NormalizedWithoutSkips>().Select(finding => s_rule.At(
            finding.Level,
            finding.Location,
            finding.ActivationsBeforeNorms?.Select(creation => creation.GetLocation()),
            properties: null,
            finding.Norm,
            finding.Layers,
            model.Name,
            Magnitude.OfDecades(finding.Growth),
            finding.ActivationsBeforeNorms is null ? "skip connections keep its size" : "in front of the activations it keeps its size"));
}
