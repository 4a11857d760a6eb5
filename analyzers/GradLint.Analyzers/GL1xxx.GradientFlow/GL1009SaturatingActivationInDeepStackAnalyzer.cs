using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1009: saturating activations in a deep stack, in which the gradient vanishes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1009SaturatingActivationInDeepStackAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.SaturatingActivationInDeepStack,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Saturating activations in a deep stack",
        "'{0}' has {1} layers with {2} between them, which make the backward signal about {3} times smaller on its way from '{4}' back to '{5}' ({6} times per layer); ReLU with "
        + "'kaiming_normal_' keeps its size",
        "The slope of a saturating activation is at most 1 (sigmoid: 1/4) and close to 0 where it saturates, so each layer makes the gradient smaller. In a deep stack the first layers "
        + "do not learn.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis) =>
        diagnosis.Findings<SaturatingStack>().Select(finding => s_rule.At(
            finding.Level,
            finding.Location,
            finding.ToReplace?.Select(activation => activation.GetLocation()),
            FittingInitializerCall.For(Activation.ReLU).ToPropertiesFor(model),
            model.Name,
            finding.Layers.Count,
            ((ActivationLayer)finding.Activations[0].Layer).Function.Name,
            Magnitude.OfDecades(finding.Growth),
            finding.Layers[finding.Layers.Count - 1].Name,
            finding.Layers[0].Name,
            Magnitude.OfFactor(finding.Growth / (finding.Layers.Count - 1))));
}
