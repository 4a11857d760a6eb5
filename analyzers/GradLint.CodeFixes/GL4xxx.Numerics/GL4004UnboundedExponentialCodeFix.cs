using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Clamps the exponent at 20: e to the 20th is half a billion.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4004UnboundedExponentialCodeFix() : TorchSharpCodeFixProvider(RuleIds.UnboundedExponential)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root is not null && diagnostic.AdditionalLocations.Count > 0 && OperandSyntax.Find(root, diagnostic.AdditionalLocations[0]) is { } operand
            ? [new DocumentFix("Clamp the exponent at 20", RuleIds.UnboundedExponential, editor => OperandSyntax.Limit(editor, operand, "clamp_max", "20"))]
            : [];
    }
}
