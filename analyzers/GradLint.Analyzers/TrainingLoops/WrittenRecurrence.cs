using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.TrainingLoops;

/// <summary>
/// Finds recurrent networks that are written out by hand: a loop in <c>forward</c> each turn of which puts the same weights to work on what the
/// turn before it left.
/// </summary>
internal sealed class WrittenRecurrence(TorchSharpSymbols torchSharp, SourceModels source)
{
    private static readonly ImmutableHashSet<string> s_layers =
        ImmutableHashSet.Create("Linear", "Bilinear", "Conv1d", "Conv2d", "Conv3d", "RNNCell", "GRUCell", "LSTMCell");

    private static readonly ImmutableHashSet<string> s_products = ImmutableHashSet.Create("matmul", "mm", "bmm", "addmm");

    /// <summary>Whether <c>forward</c>, or a method of the class that it names, holds such a loop.</summary>
    public bool IsIn(INamedTypeSymbol type, CancellationToken cancellation)
    {
        MethodDeclarationSyntax[] methods = type.DeclaringSyntaxReferences
            .Select(reference => reference.GetSyntax(cancellation))
            .Where(source.Contain)
            .OfType<TypeDeclarationSyntax>()
            .SelectMany(declaration => declaration.Members)
            .OfType<MethodDeclarationSyntax>()
            .ToArray();
        MethodDeclarationSyntax[] forwards = methods.Where(method => method.Identifier.ValueText == "forward").ToArray();
        var named = new HashSet<string>(forwards.SelectMany(NamesIn), StringComparer.Ordinal);
        return methods
            .Where(method => forwards.Contains(method) || named.Contains(method.Identifier.ValueText))
            .SelectMany(method => method.DescendantNodes().OfType<StatementSyntax>())
            .Where(statement => statement is ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax)
            .Any(loop => IsRecurrence(loop, cancellation));
    }

    private bool IsRecurrence(StatementSyntax loop, CancellationToken cancellation)
    {
        Dictionary<string, List<ExpressionSyntax>> values = ValuesGivenIn(loop);
        var own = new HashSet<string>(DeclaredIn(loop), StringComparer.Ordinal);
        return values.Keys
            .Where(name => !own.Contains(name))
            .Any(carried => Reachable(values[carried], values, own)
                .OfType<InvocationExpressionSyntax>()
                .Where(call => MayApplyWeights(call, own))
                .Any(call => Depends(call, carried, values, own) && AppliesWeights(call, cancellation)));
    }

    /// <summary>What each variable is given in the loop; each of several that are given a tuple may get any of it.</summary>
    private static Dictionary<string, List<ExpressionSyntax>> ValuesGivenIn(StatementSyntax loop)
    {
        var values = new Dictionary<string, List<ExpressionSyntax>>(StringComparer.Ordinal);
        foreach (SyntaxNode node in loop.DescendantNodes())
        {
            (IEnumerable<string> names, ExpressionSyntax? value) = node switch
            {
                AssignmentExpressionSyntax assignment => (NamesIn(assignment.Left), assignment.Right),
                VariableDeclaratorSyntax { Initializer: { } initializer } variable => ([variable.Identifier.ValueText], initializer.Value),
                _ => ([], (ExpressionSyntax?)null),
            };
            foreach (string name in value is null ? [] : names)
            {
                if (!values.TryGetValue(name, out List<ExpressionSyntax>? given))
                {
                    values.Add(name, given = []);
                }

                given.Add(value!);
            }
        }

        return values;
    }

    private static IEnumerable<string> DeclaredIn(StatementSyntax loop) =>
        loop.DescendantNodesAndSelf().Select(node => node switch
        {
            VariableDeclaratorSyntax variable => variable.Identifier.ValueText,
            SingleVariableDesignationSyntax variable => variable.Identifier.ValueText,
            ForEachStatementSyntax each => each.Identifier.ValueText,
            _ => null,
        }).OfType<string>();

    /// <summary>The expressions and, through variables of the loop's own, what they are made of.</summary>
    private static IEnumerable<SyntaxNode> Reachable(IEnumerable<ExpressionSyntax> start, Dictionary<string, List<ExpressionSyntax>> values, HashSet<string> own)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<SyntaxNode>(start);
        while (open.Count > 0)
        {
            foreach (SyntaxNode node in open.Pop().DescendantNodesAndSelf())
            {
                yield return node;
                if (node is IdentifierNameSyntax name && own.Contains(name.Identifier.ValueText)
                    && values.TryGetValue(name.Identifier.ValueText, out List<ExpressionSyntax>? given) && seen.Add(name.Identifier.ValueText))
                {
                    given.ForEach(open.Push);
                }
            }
        }
    }

    private static bool Depends(InvocationExpressionSyntax call, string carried, Dictionary<string, List<ExpressionSyntax>> values, HashSet<string> own) =>
        Reachable(PartsOf(call), values, own).OfType<IdentifierNameSyntax>().Any(name => name.Identifier.ValueText == carried);

    private static IEnumerable<ExpressionSyntax> PartsOf(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments.Select(argument => argument.Expression)
            .Concat(call.Expression is MemberAccessExpressionSyntax access ? [access.Expression] : []);

    /// <summary>By the look of it: the same layer in each turn, not one of a list.</summary>
    private static bool MayApplyWeights(InvocationExpressionSyntax call, HashSet<string> own) =>
        FileNames.NameOf(call.Expression) is { } name
        && (s_products.Contains(name)
            || (name is "forward" or "call"
                && call.Expression is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax or MemberAccessExpressionSyntax } access
                && !NamesIn(access.Expression).Any(own.Contains)));

    private bool AppliesWeights(InvocationExpressionSyntax call, CancellationToken cancellation) =>
        source.OperationAt(call, cancellation) is IInvocationOperation operation
        && torchSharp.Declares(operation.TargetMethod)
        && (s_products.Contains(operation.TargetMethod.Name)
            ? operation.DescendantsAndSelf().Any(part => TorchSharpSymbols.IsOrDerivesFrom(part.Type, torchSharp.Parameter))
            : operation.Instance?.Type is { } layer && torchSharp.Declares(layer) && s_layers.Contains(layer.Name));

    private static IEnumerable<string> NamesIn(SyntaxNode node) =>
        node.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>().Select(name => name.Identifier.ValueText);
}
