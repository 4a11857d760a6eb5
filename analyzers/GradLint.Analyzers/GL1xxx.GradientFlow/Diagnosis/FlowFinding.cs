using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;

namespace GradLint.Rules;

/// <summary>One cause of growth, as the rule for it reports it.</summary>
/// <param name="Location">Where it is reported.</param>
/// <param name="Level">How serious it is.</param>
internal abstract record FlowFinding(Location Location, RuleLevel Level);
