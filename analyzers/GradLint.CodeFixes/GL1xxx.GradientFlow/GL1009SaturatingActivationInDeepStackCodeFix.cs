using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Puts ReLU in the place of saturating activations, and initializes the layers for it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1009SaturatingActivationInDeepStackCodeFix() : TorchSharpCodeFixProvider(RuleIds.SaturatingActivationInDeepStack)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null
            || model is null
            || diagnostic.AdditionalLocations.Count == 0
            || InitializerLoop.For(root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true), diagnostic.Properties, model) is not { } loop)
        {
            return [];
        }

        IReadOnlyList<TextChange>?[] activations = [.. diagnostic.AdditionalLocations.Select(activation => ToReLU(activation, root, model))];
        return activations.Contains(null)
            ? []
            : [new DocumentFix("Use ReLU, with its initialization", RuleIds.SaturatingActivationInDeepStack, activations.SelectMany(change => change!).Append(loop))];
    }

    private static IReadOnlyList<TextChange>? ToReLU(Location activation, SyntaxNode root, SemanticModel model)
    {
        if (activation.SourceTree != root.SyntaxTree
            || root.FindNode(activation.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || ((call.Expression as MemberAccessExpressionSyntax)?.Name ?? call.Expression as SimpleNameSyntax) is not { } name)
        {
            return null;
        }

        bool isModule = char.IsUpper(name.Identifier.ValueText[0]);
        string relu = name.Identifier.ValueText.EndsWith("_", System.StringComparison.Ordinal) ? "relu_" : "relu";
        bool isOfTorch = SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(call).Symbol?.ContainingType, model.Compilation.GetTypeByMetadataName(TorchSharpNames.Torch));
        var changes = new List<TextChange>
        {
            // There is no torch.relu.
            isOfTorch && !isModule ? new(call.Expression.Span, $"{ShortName.OfFunctional(call.SpanStart, model)}.relu") : new(name.Span, isModule ? "ReLU" : relu),
        };
        if (LayerField.Holding(call, model) is { } field && field.TypeToChange is { } type)
        {
            changes.Add(new TextChange(type.Span, "ReLU"));
        }

        return changes;
    }
}
