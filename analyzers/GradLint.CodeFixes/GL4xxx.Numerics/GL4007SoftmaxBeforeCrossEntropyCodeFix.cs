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

/// <summary>Drops the softmax: cross-entropy takes its own.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4007SoftmaxBeforeCrossEntropyCodeFix() : TorchSharpCodeFixProvider(RuleIds.SoftmaxBeforeCrossEntropy)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        return root is not null
            && model is not null
            && diagnostic.AdditionalLocations.Count >= 2
            && diagnostic.AdditionalLocations[1].SourceTree == root.SyntaxTree
            && root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<InvocationExpressionSyntax>() is { } loss
            && OperandSyntax.Find(root, diagnostic.AdditionalLocations[1]) is { } softmax
            && ActivationSyntax.Without(softmax, loss, model, cancellation) is { } leaveOut
                ? [new DocumentFix("Drop the softmax", RuleIds.SoftmaxBeforeCrossEntropy, leaveOut)]
                : [];
    }
}
