using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Ranges;

/// <summary>Where one function mentions which variables, by name alone, and where it may give them values. Made once per function, in one pass.</summary>
internal sealed class VariableNames
{
    private static readonly ConditionalWeakTable<SyntaxNode, VariableNames> s_ofFunction = new();

    private readonly Dictionary<string, List<IdentifierNameSyntax>> _uses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SyntaxNode>> _changes = new(StringComparer.Ordinal);

    private VariableNames(SyntaxNode function)
    {
        foreach (SyntaxNode node in function.DescendantNodes())
        {
            switch (node)
            {
                case IdentifierNameSyntax name:
                    Add(_uses, name.Identifier.ValueText, name);
                    break;
                case VariableDeclaratorSyntax declarator:
                    Add(_changes, declarator.Identifier.ValueText, declarator);
                    break;
                case AssignmentExpressionSyntax assignment:
                    AddTargets(assignment.Left, assignment);
                    break;
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } call when IsInPlace(access.Name.Identifier.ValueText):
                    AddTargets(access.Expression, call);
                    AddTargets(call.ArgumentList.Arguments is [var first, ..] ? first.Expression : null, call);
                    break;
                case ArgumentSyntax { RefKindKeyword.RawKind: not 0 } argument:
                    AddTargets(argument.Expression, argument);
                    break;
                case ForEachStatementSyntax loop:
                    Add(_changes, loop.Identifier.ValueText, loop);
                    break;
                case SingleVariableDesignationSyntax designation:
                    Add(_changes, designation.Identifier.ValueText, designation);
                    break;
                case GotoStatementSyntax or LabeledStatementSyntax:
                    HasJumps = true;
                    break;
            }
        }
    }

    public bool HasJumps { get; }

    /// <summary>Of the outermost function around a node: lambdas and local functions see its variables.</summary>
    public static VariableNames Around(SyntaxNode node)
    {
        SyntaxNode function = node;
        while (FunctionBody.Around(function) is { } around)
        {
            function = around;
        }

        return s_ofFunction.GetValue(function, static key => new VariableNames(key));
    }

    public IReadOnlyList<IdentifierNameSyntax> UsesOf(string name) => _uses.TryGetValue(name, out List<IdentifierNameSyntax>? uses) ? uses : [];

    /// <summary>The nodes that may give a variable of that name a value, in the order of the code, outer ones first.</summary>
    public Changes ChangesOf(string name) => new(_changes.TryGetValue(name, out List<SyntaxNode>? changes) ? changes : []);

    /// <summary><c>relu_</c> changes its tensor; <c>requires_grad_</c> does not, but hands it on all the same.</summary>
    public static bool IsInPlace(string function) => function.Length > 1 && function[function.Length - 1] == '_';

    private void AddTargets(ExpressionSyntax? target, SyntaxNode change)
    {
        switch (target)
        {
            case IdentifierNameSyntax name:
                Add(_changes, name.Identifier.ValueText, change);
                break;
            case TupleExpressionSyntax tuple:
                foreach (ArgumentSyntax argument in tuple.Arguments)
                {
                    AddTargets(argument.Expression, change);
                }

                break;
            case DeclarationExpressionSyntax { Designation: var designation }:
                AddVariables(designation, change);
                break;
        }
    }

    private void AddVariables(VariableDesignationSyntax designation, SyntaxNode change)
    {
        switch (designation)
        {
            case SingleVariableDesignationSyntax variable:
                Add(_changes, variable.Identifier.ValueText, change);
                break;
            case ParenthesizedVariableDesignationSyntax several:
                foreach (VariableDesignationSyntax variable in several.Variables)
                {
                    AddVariables(variable, change);
                }

                break;
        }
    }

    private static void Add<T>(Dictionary<string, List<T>> lists, string name, T item)
    {
        if (!lists.TryGetValue(name, out List<T>? list))
        {
            lists.Add(name, list = []);
        }

        list.Add(item);
    }
}

/// <summary>The nodes that may give a variable a value. A long function has many, and each statement before a use asks for its own, so they are searched by place.</summary>
internal readonly struct Changes(List<SyntaxNode> inOrder)
{
    /// <summary>Those that are the node itself or lie in it.</summary>
    public IEnumerable<SyntaxNode> Within(SyntaxNode node)
    {
        TextSpan span = node.Span;
        for (int i = FirstFrom(span.Start); i < inOrder.Count && inOrder[i].SpanStart < span.End; i++)
        {
            if (span.Contains(inOrder[i].Span))
            {
                yield return inOrder[i];
            }
        }
    }

    private int FirstFrom(int position)
    {
        (int low, int high) = (0, inOrder.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = inOrder[middle].SpanStart < position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
