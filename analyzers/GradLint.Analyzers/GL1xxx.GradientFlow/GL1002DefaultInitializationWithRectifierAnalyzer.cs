using System.Collections.Generic;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1002: a deep stack of rectifiers left at TorchSharp's default initialization, which makes gradients vanish.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1002DefaultInitializationWithRectifierAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.DefaultInitializationWithRectifier,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Deep rectifier network at the default initialization",
        "'{0}' leaves {1} layers with {2} at TorchSharp's default initialization, which makes the backward signal about {3} times smaller on its way "
        + "from the last layer to the first ({4} times per layer); '{5}' keeps its size",
        "TorchSharp initializes Linear layers with a variance of 1/(3 fan_in), a sixth of what a rectifier needs to hand the signal on at its size "
        + "(He et al. 2015). In a deep stack without normalization the gradient of the first layers vanishes.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis)
    {
        foreach (RectifiersAtDefaults finding in diagnosis.Findings<RectifiersAtDefaults>())
        {
            FittingInitializerCall fitting = FittingInitializerCall.For(finding.Activation);
            yield return s_rule.At(
                finding.Level,
                finding.Location,
                fitting.ToPropertiesFor(model),
                model.Name,
                model.WeightLayerCount,
                finding.Activation.Name,
                Magnitude.OfDecades(finding.Growth),
                Magnitude.OfFactor(finding.Growth / (model.WeightLayerCount - 1)),
                fitting.Method);
        }
    }
}
