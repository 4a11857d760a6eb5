using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Writes the usual weight decay.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL3002AdamWWithoutWeightDecayCodeFix() : TorchSharpCodeFixProvider(RuleIds.AdamWWithoutWeightDecay)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return ArgumentEdits.ArgumentsOf(root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true)) is { } arguments
            ? [new DocumentFix("Use a weight decay of 0.01", RuleIds.AdamWWithoutWeightDecay, editor => editor.AddNamed(arguments, "weight_decay", "0.01"))]
            : [];
    }
}
