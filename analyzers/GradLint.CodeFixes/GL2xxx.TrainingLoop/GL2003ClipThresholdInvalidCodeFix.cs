using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Clips to a norm of 1.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2003ClipThresholdInvalidCodeFix() : TorchSharpCodeFixProvider(RuleIds.ClipThresholdInvalid)
{
    private const string UsualThreshold = "1.0";

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false) ?? throw new System.InvalidOperationException();
        return root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is ExpressionSyntax threshold
            ? [new DocumentFix($"Clip at {UsualThreshold}", RuleIds.ClipThresholdInvalid, editor => editor.ReplaceNode(
                threshold, SyntaxFactory.ParseExpression(UsualThreshold).WithTriviaFrom(threshold)))]
            : [];
    }
}
