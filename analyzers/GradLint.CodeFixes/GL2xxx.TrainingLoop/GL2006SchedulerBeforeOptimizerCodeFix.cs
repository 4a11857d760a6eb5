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

/// <summary>Moves the schedule behind the optimizer.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2006SchedulerBeforeOptimizerCodeFix() : TorchSharpCodeFixProvider(RuleIds.SchedulerBeforeOptimizer)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root is not null
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && diagnostic.AdditionalLocations is [var location]
            && StatementEdits.StatementOf(root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true)) is { } advance
            && root.FindNode(location.SourceSpan, getInnermostNodeForTie: true).AncestorsAndSelf().OfType<StatementSyntax>()
                .FirstOrDefault(statement => StatementEdits.AreNeighbours(statement, advance)) is { } step
            && StatementEdits.CanMove(advance, step, model)
                ? [new DocumentFix("Let the optimizer step first", RuleIds.SchedulerBeforeOptimizer, editor => editor.MoveAfter(advance, step))]
                : [];
    }
}
