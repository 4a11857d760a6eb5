using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace GradLint.Infrastructure;

/// <summary>How sure a rule is that people who read the flagged code would agree. Severity follows from that, not from taste.</summary>
internal enum RuleLevel
{
    /// <summary>Most code would be flagged: a preset or .editorconfig turns the rule on.</summary>
    Off,

    /// <summary>The advice depends on taste.</summary>
    Advice,

    /// <summary>People who read the flagged code would agree. A rule of this level may report single cases as advice.</summary>
    Warning,
}

internal static class RuleDescriptor
{
    public static DiagnosticDescriptor Create(string id, string category, RuleLevel level, string title, string message, string description, params string[] tags) =>
        new(
            id,
            title,
            message,
            category,
            level == RuleLevel.Warning ? DiagnosticSeverity.Warning : DiagnosticSeverity.Info,
            isEnabledByDefault: level != RuleLevel.Off,
            description,
            helpLinkUri: null,
            tags);

    /// <summary>A diagnostic of this rule at the severity that the case deserves; the user's own setting for the rule still wins.</summary>
    public static Diagnostic At(
        this DiagnosticDescriptor rule,
        RuleLevel level,
        Location location,
        ImmutableDictionary<string, string?>? properties,
        params object[] arguments) =>
        rule.At(level, location, additionalLocations: null, properties, arguments);

    /// <summary>The same, with further places in the code that a code fix needs.</summary>
    public static Diagnostic At(
        this DiagnosticDescriptor rule,
        RuleLevel level,
        Location location,
        IEnumerable<Location>? additionalLocations,
        ImmutableDictionary<string, string?>? properties,
        params object[] arguments) =>
        Diagnostic.Create(
            rule,
            location,
            level == RuleLevel.Warning ? DiagnosticSeverity.Warning : DiagnosticSeverity.Info,
            additionalLocations,
            properties,
            arguments);
}
