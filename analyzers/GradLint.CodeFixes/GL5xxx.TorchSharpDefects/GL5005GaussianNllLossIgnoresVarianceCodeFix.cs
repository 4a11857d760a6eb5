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
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.CodeFixes.Rules;

/// <summary>Writes the loss out.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL5005GaussianNllLossIgnoresVarianceCodeFix() : TorchSharpCodeFixProvider(RuleIds.GaussianNllLossIgnoresVariance)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is InvocationExpressionSyntax call
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && model.GetOperation(call, cancellation) is IInvocationOperation operation
            && operation.Arguments.Count(argument => argument.ArgumentKind == ArgumentKind.Explicit) == 3
            && operation.Arguments[0].Value.Syntax is IdentifierNameSyntax input
            && operation.Arguments[1].Value.Syntax is IdentifierNameSyntax target
            && operation.Arguments[2].Value.Syntax is IdentifierNameSyntax variance
                ? [new DocumentFix("Write the loss out", RuleIds.GaussianNllLossIgnoresVariance, editor => editor.ReplaceNode(call, SyntaxFactory.ParseExpression(
                    $"(0.5 * ({variance}.clamp_min(1e-6).log() + ({input} - {target}).square() / {variance}.clamp_min(1e-6))).mean()").WithTriviaFrom(call)))]
                : [];
    }
}
