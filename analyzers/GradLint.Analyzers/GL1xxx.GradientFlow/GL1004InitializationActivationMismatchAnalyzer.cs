using System.Collections.Generic;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1004: an initializer made for one activation in front of another.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1004InitializationActivationMismatchAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.InitializationActivationMismatch,
        RuleCategory.GradientFlow,
        RuleLevel.Advice,
        "Initialization made for another activation",
        "{0} does not fit the {1} behind its {2} layers: the backward signal becomes about {3} times {4} on its way back, with '{5}' about {6} times {7}",
        "Each initializer keeps the signal's size in front of one kind of activation: Xavier in front of tanh, He in front of rectifiers, with their slope. In front of another "
        + "one each layer loses or gains a factor, and in depth the gradient vanishes or explodes.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis)
    {
        foreach (MismatchedInitialization finding in diagnosis.Findings<MismatchedInitialization>())
        {
            FittingInitializerCall fitting = finding.Call.Fitting;
            yield return s_rule.At(
                finding.Level,
                finding.Location,
                [finding.Call.Call.GetLocation()],
                fitting.ToProperties(),
                finding.Call.Name,
                finding.Call.Activation.Name,
                finding.Call.Layers.Count,
                Magnitude.OfDecades(finding.Growth),
                Direction(finding.Growth),
                fitting.Method,
                Magnitude.OfDecades(finding.Repaired),
                Direction(finding.Repaired));
        }
    }

    private static string Direction(double growth) => growth < 0 ? "smaller" : "larger";
}
