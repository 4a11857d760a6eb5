using System.Collections.Generic;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1003: an initializer that is written out, and too large for the width of its layers.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1003OversizedInitializationAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.OversizedInitialization,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Initialization too large for the width of the layer",
        "{0} makes the {1} signal about {2} times larger {3}; '{4}' keeps its size",
        "Weights drawn with too large a variance multiply the signal by the same factor in every layer, so that gradients explode in depth. "
        + "Initializers that know the width (He, Xavier) keep its size.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis)
    {
        foreach (OversizedInitialization finding in diagnosis.Findings<OversizedInitialization>())
        {
            FittingInitializerCall fitting = finding.Call.Fitting;
            yield return s_rule.At(
                finding.Level,
                finding.Location,
                [finding.Call.Call.GetLocation()],
                fitting.ToProperties(),
                finding.Call.Name,
                finding.Direction,
                Magnitude.OfDecades(finding.Decades),
                finding.Extent,
                fitting.Method);
        }
    }
}
