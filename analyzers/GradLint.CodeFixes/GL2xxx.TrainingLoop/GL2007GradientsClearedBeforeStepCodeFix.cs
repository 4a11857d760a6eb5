using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Clears the gradients before backward.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2007GradientsClearedBeforeStepCodeFix() : TorchSharpCodeFixProvider(RuleIds.GradientsClearedBeforeStep)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root is not null
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && diagnostic.AdditionalLocations is [var clearLocation, var backwardLocation]
            && StatementEdits.StatementOf(root.FindNode(clearLocation.SourceSpan, getInnermostNodeForTie: true)) is { } clear
            && root.FindNode(backwardLocation.SourceSpan, getInnermostNodeForTie: true).AncestorsAndSelf().OfType<StatementSyntax>()
                .FirstOrDefault(statement => StatementEdits.AreNeighbours(statement, clear)) is { } backward
            && StatementEdits.CanMove(clear, backward, model)
                ? [new DocumentFix("Clear before 'backward'", RuleIds.GradientsClearedBeforeStep, editor => editor.MoveBefore(clear, backward))]
                : [];
    }
}
