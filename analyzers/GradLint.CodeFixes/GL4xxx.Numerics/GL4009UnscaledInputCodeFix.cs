using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Scales the bytes to 0 to 1.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4009UnscaledInputCodeFix() : TorchSharpCodeFixProvider(RuleIds.UnscaledInput)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root is not null && diagnostic.AdditionalLocations.Count > 0 && OperandSyntax.Find(root, diagnostic.AdditionalLocations[0]) is { } operand
            ? [new DocumentFix("Divide by 255", RuleIds.UnscaledInput, editor => OperandSyntax.Divide(editor, operand, "255"))]
            : [];
    }
}
