using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1008: many layers in a row with no skip connection around them.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1008DeepStackWithoutSkipsAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.DeepStackWithoutSkips,
        RuleCategory.GradientFlow,
        RuleLevel.Off,
        "Many layers without skip connections",
        "'{0}' has {1} layers in a row without a skip connection, from '{2}' to '{3}'",
        "From about twenty layers on, networks with skip connections are easier to train than those without (He et al. 2016), even where the gradient keeps its size.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis) =>
        diagnosis.Findings<SkiplessStack>().Select(finding => s_rule.At(
            finding.Level,
            finding.Location,
            properties: null,
            model.Name,
            finding.Layers.Count,
            finding.Layers[0].Name,
            finding.Layers[finding.Layers.Count - 1].Name));
}
