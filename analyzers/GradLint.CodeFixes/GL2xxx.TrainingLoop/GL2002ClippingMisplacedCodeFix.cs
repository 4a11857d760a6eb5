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

/// <summary>Moves the clip right before the step.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2002ClippingMisplacedCodeFix() : TorchSharpCodeFixProvider(RuleIds.ClippingMisplaced)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root is not null
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && diagnostic.AdditionalLocations is [var location]
            && StatementEdits.StatementOf(root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true)) is { } clip
            && StatementEdits.StatementOf(root.FindNode(location.SourceSpan, getInnermostNodeForTie: true)) is { } step
            && StatementEdits.CanMove(clip, step, model)
                ? [new DocumentFix("Clip right before the step", RuleIds.ClippingMisplaced, editor => editor.MoveBefore(clip, step))]
                : [];
    }
}
