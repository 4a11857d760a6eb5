using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Moves each norm in front of the activation that it stands behind.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1007NormalizationWithoutSkipsCodeFix() : TorchSharpCodeFixProvider(RuleIds.NormalizationWithoutSkips)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null || model is null || diagnostic.AdditionalLocations.Count == 0)
        {
            return [];
        }

        TextChange[]?[] swaps = [.. diagnostic.AdditionalLocations.Select(activation => Swap(activation, root, model))];
        return swaps.Contains(null) ? [] : [new DocumentFix("Normalize before the activation", RuleIds.NormalizationWithoutSkips, swaps.SelectMany(swap => swap!))];
    }

    /// <summary>The activation and the norm right behind it in the same Sequential change places; null where that is not the shape of the code.</summary>
    private static TextChange[]? Swap(Location activation, SyntaxNode root, SemanticModel model)
    {
        if (activation.SourceTree != root.SyntaxTree
            || root.FindNode(activation.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax first
            || SequentialItem.Find(first, model) is not { } item
            || ModuleAfter(item) is not InvocationExpressionSyntax second
            || SequentialItem.Find(second, model) is null
            || model.GetSymbolInfo(second).Symbol?.Name != "LayerNorm")
        {
            return null;
        }

        return [new TextChange(first.Span, second.ToString()), new TextChange(second.Span, first.ToString())];
    }

    private static ExpressionSyntax? ModuleAfter(SequentialItem item) => item switch
    {
        { Append: null, Element: ArgumentSyntax { Expression: var own, Parent: ArgumentListSyntax list } argument } when own == item.Module =>
            list.Arguments.ElementAtOrDefault(list.Arguments.IndexOf(argument) + 1)?.Expression,
        { Append: null, Element: ExpressionElementSyntax { Expression: var own, Parent: CollectionExpressionSyntax list } element } when own == item.Module =>
            (list.Elements.ElementAtOrDefault(list.Elements.IndexOf(element) + 1) as ExpressionElementSyntax)?.Expression,
        { Append: { ArgumentList.Arguments.Count: 1, Parent: ExpressionStatementSyntax { Parent: BlockSyntax block } statement } append } =>
            block.Statements.ElementAtOrDefault(block.Statements.IndexOf(statement) + 1) is ExpressionStatementSyntax
            {
                Expression: InvocationExpressionSyntax { ArgumentList.Arguments: [var next] } following,
            } && SyntaxFactory.AreEquivalent(following.Expression, append.Expression)
                ? next.Expression
                : null,
        _ => null,
    };
}
