using System.Collections.Generic;
using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1010: an initializer that is written out, and with which the gradient of a recurrent layer grows from time step to time step.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1010RecurrentInitializationUnstableAnalyzer() : GradientFlowAnalyzer(s_rule)
{
    /// <summary>The key of a diagnostic whose call draws biases too.</summary>
    internal const string FillsBiasesKey = "biases";

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.RecurrentInitializationUnstable,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Recurrent weights with which the gradient grows through time",
        "{0} makes the gradient of '{1}' about {2} times larger on its way back through {3} time steps; 'orthogonal_' on the recurrent weights keeps it bounded",
        "The same recurrent weights act at every time step, so that a gradient that they enlarge a little grows exponentially with the length of the sequence. "
        + "An orthogonal matrix keeps the length of what it is multiplied with.");

    private protected override IEnumerable<Diagnostic> Diagnose(NetworkModel model, FlowDiagnosis diagnosis)
    {
        foreach (RecurrentInitialization finding in diagnosis.Findings<RecurrentInitialization>())
        {
            yield return s_rule.At(
                finding.Level,
                finding.Location,
                [finding.Call.Call.GetLocation()],
                finding.FillsBiases ? ImmutableDictionary<string, string?>.Empty.Add(FillsBiasesKey, "") : null,
                finding.Call.Name,
                finding.Layer,
                Magnitude.OfDecades(finding.Decades),
                finding.Steps);
        }
    }
}
