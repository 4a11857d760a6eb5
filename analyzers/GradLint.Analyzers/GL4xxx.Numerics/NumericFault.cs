using System.Collections.Immutable;
using GradLint.Infrastructure;
using GradLint.Ranges;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Rules;

/// <summary>One place at which numbers get out of hand, as a rule reports it.</summary>
/// <param name="Rule">The ID of the rule.</param>
/// <param name="Level">How sure it is.</param>
/// <param name="Site">The call or operator.</param>
/// <param name="Argument">The operand that the fix repairs.</param>
/// <param name="Repair">How: one of <see cref="NumericRepairs"/>; null where there is none.</param>
/// <param name="Origin">Where in the code the operand is made what it is; null where that does not matter.</param>
/// <param name="Message">What the message names.</param>
internal sealed record NumericFault(
    string Rule, RuleLevel Level, SyntaxNode Site, SyntaxNode Argument, string? Repair, SyntaxNode? Origin, ImmutableArray<object> Message)
{
    /// <summary>Faults of the same rule on the same line: reported and repaired together.</summary>
    public ImmutableArray<NumericFault> Alike { get; init; } = ImmutableArray<NumericFault>.Empty;

    /// <summary>The name of the function, rather than all that it is called on: a chain of calls spans lines.</summary>
    public Location Location => Site switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name: var name } } => name.GetLocation(),
        InvocationExpressionSyntax { Expression: var name } => name.GetLocation(),
        BinaryExpressionSyntax { Right: var divisor } => divisor.GetLocation(),
        AssignmentExpressionSyntax { Right: var divisor } => divisor.GetLocation(),
        _ => Site.GetLocation(),
    };
}

/// <summary>The ways in which fixes repair an operand, and the names under which a diagnostic carries them.</summary>
internal static class NumericRepairs
{
    /// <summary>The property of a diagnostic that says which repair fits.</summary>
    public const string Property = "Repair";

    /// <summary>Stands between the repairs of several places.</summary>
    public const string Separator = ",";

    /// <summary>Plus an epsilon: for what is never below zero.</summary>
    public const string Offset = "Offset";

    /// <summary>Not less than an epsilon: for what can be below zero as well.</summary>
    public const string Clamp = "Clamp";

    public static string For(TensorRange range) => range.Lower == 0 ? Offset : Clamp;
}
