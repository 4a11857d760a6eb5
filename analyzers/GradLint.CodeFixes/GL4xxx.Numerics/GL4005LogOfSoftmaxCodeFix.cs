using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Takes log_softmax of the logits, and leaves out the logarithm and its epsilon.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4005LogOfSoftmaxCodeFix() : TorchSharpCodeFixProvider(RuleIds.LogOfSoftmax)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null
            || model is null
            || diagnostic.AdditionalLocations.Count < 2
            || diagnostic.AdditionalLocations[1].SourceTree != root.SyntaxTree
            || root.FindNode(diagnostic.Location.SourceSpan) is not SimpleNameSyntax { Identifier.ValueText: "log" } name
            || name.FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } logarithm
            || OperandSyntax.Find(root, diagnostic.AdditionalLocations[0]) is not { } operand
            || OperandSyntax.Find(root, diagnostic.AdditionalLocations[1]) is not InvocationExpressionSyntax softmax
            || LogSoftmax(softmax, model, cancellation) is not { } replacement
            || RootOf(operand) is not { } source
            || !(source == softmax || IsAliasOf(source, softmax, model, cancellation)))
        {
            return [];
        }

        ExpressionSyntax chain = WithoutEpsilon(operand);
        ExpressionSyntax result = chain == source ? replacement : chain.ReplaceNode(source, replacement);
        return [new DocumentFix("Use log_softmax", RuleIds.LogOfSoftmax, editor => OperandSyntax.Replace(editor, logarithm, _ => result.WithoutTrivia()))];
    }

    /// <summary><c>logits.log_softmax(dim)</c>; null where the softmax is a module or takes more than a dimension.</summary>
    private static ExpressionSyntax? LogSoftmax(InvocationExpressionSyntax softmax, SemanticModel model, CancellationToken cancellation)
    {
        bool isFunction = softmax.Expression is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "softmax" } or IdentifierNameSyntax { Identifier.ValueText: "softmax" };
        return isFunction
            && ActivationSyntax.InputOf(softmax, model, cancellation) is { } logits
            && DimensionOf(softmax, logits) is { } dimension
                ? OperandSyntax.Call(logits.WithoutTrivia(), "log_softmax", dimension.ToString())
                : null;
    }

    private static ExpressionSyntax? DimensionOf(InvocationExpressionSyntax softmax, ExpressionSyntax logits)
    {
        ArgumentSyntax? dimension = null;
        foreach (ArgumentSyntax argument in softmax.ArgumentList.Arguments)
        {
            if (argument.Expression != logits)
            {
                if (dimension is not null)
                {
                    return null;
                }

                dimension = argument;
            }
        }

        return dimension?.Expression;
    }

    /// <summary>Whether the variable holds that softmax of logits that a variable still holds.</summary>
    private static bool IsAliasOf(ExpressionSyntax source, InvocationExpressionSyntax softmax, SemanticModel model, CancellationToken cancellation) =>
        source is IdentifierNameSyntax
        && model.GetSymbolInfo(source, cancellation).Symbol is ILocalSymbol { DeclaringSyntaxReferences: [var declaration] } local
        && declaration.GetSyntax(cancellation) is VariableDeclaratorSyntax { Initializer.Value: var value }
        && value == softmax
        && !IsReassigned(local, source, model, cancellation)
        && ActivationSyntax.InputOf(softmax, model, cancellation) is IdentifierNameSyntax logits
        && model.GetSymbolInfo(logits, cancellation).Symbol is { Kind: SymbolKind.Local or SymbolKind.Parameter } variable
        && !IsReassigned(variable, source, model, cancellation);

    private static bool IsReassigned(ISymbol variable, SyntaxNode near, SemanticModel model, CancellationToken cancellation)
    {
        foreach (IdentifierNameSyntax use in ActivationSyntax.UsesOf(variable, near, model, cancellation))
        {
            bool isChanged = use.Parent is AssignmentExpressionSyntax assignment && assignment.Left == use
                || use.Parent is ArgumentSyntax { RefKindKeyword.RawKind: not 0 }
                || use.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax, Name.Identifier.ValueText: var function } && function.EndsWith("_", System.StringComparison.Ordinal);
            if (isChanged)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>p</c> of <c>(p + 1e-8)</c>.</summary>
    private static ExpressionSyntax WithoutEpsilon(ExpressionSyntax operand) => operand switch
    {
        ParenthesizedExpressionSyntax { Expression: var inner } => WithoutEpsilon(inner),
        BinaryExpressionSyntax { RawKind: (int)Microsoft.CodeAnalysis.CSharp.SyntaxKind.AddExpression, Left: var left } => WithoutEpsilon(left),
        _ => operand,
    };

    /// <summary>What a chain of calls and indexes starts with: <c>p</c> of <c>p.gather(1, a).squeeze()</c>.</summary>
    private static ExpressionSyntax? RootOf(ExpressionSyntax operand)
    {
        ExpressionSyntax current = WithoutEpsilon(operand);
        while (true)
        {
            switch (current)
            {
                case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: not "softmax", Expression: var receiver } }:
                    current = receiver;
                    break;
                case ElementAccessExpressionSyntax { Expression: var receiver }:
                    current = receiver;
                    break;
                case ParenthesizedExpressionSyntax { Expression: var inner }:
                    current = inner;
                    break;
                case InvocationExpressionSyntax or IdentifierNameSyntax:
                    return current;
                default:
                    return null;
            }
        }
    }
}
