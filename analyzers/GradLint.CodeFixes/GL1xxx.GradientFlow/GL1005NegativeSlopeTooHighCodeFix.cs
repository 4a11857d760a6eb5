using System.Collections.Generic;
using System.Composition;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Writes the usual slope.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1005NegativeSlopeTooHighCodeFix() : TorchSharpCodeFixProvider(RuleIds.NegativeSlopeTooHigh)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        string slope = NegativeSlope.Usual.ToString(CultureInfo.InvariantCulture);
        return root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is ExpressionSyntax written
            ? [new DocumentFix($"Use a slope of {slope}", RuleIds.NegativeSlopeTooHigh, [new TextChange(written.Span, slope)])]
            : [];
    }
}
