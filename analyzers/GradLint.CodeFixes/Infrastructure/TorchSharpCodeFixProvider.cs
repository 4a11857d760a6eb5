using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Infrastructure;

/// <summary>
/// The base of every code fix. A fix says what it would edit; applying it once, or to all diagnostics of a document, project
/// or solution, is the same edit run on one <see cref="DocumentEditor"/> (a merge of separate edits can silently drop some).
/// </summary>
public abstract class TorchSharpCodeFixProvider : CodeFixProvider
{
    private protected TorchSharpCodeFixProvider(params string[] ruleIds) => FixableDiagnosticIds = ImmutableArray.Create(ruleIds);

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public sealed override FixAllProvider GetFixAllProvider() => new FixEachDiagnostic(this);

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            foreach (DocumentFix fix in await FindFixesAsync(context.Document, diagnostic, context.CancellationToken).ConfigureAwait(false))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(fix.Title, cancellation => ApplyAsync(context.Document, [fix], cancellation), fix.EquivalenceKey),
                    diagnostic);
            }
        }
    }

    /// <summary>The repairs for one diagnostic, best first; none where the code is not what the repair was made for.</summary>
    private protected abstract Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation);

    private static async Task<Document> ApplyAsync(Document document, IReadOnlyList<DocumentFix> fixes, CancellationToken cancellation)
    {
        TextChange[] changes = [.. fixes.SelectMany(fix => fix.Changes).Distinct().OrderBy(change => change.Span.Start).ThenBy(change => change.Span.Length)];
        if (changes.Length > 0)
        {
            SourceText text = await document.GetTextAsync(cancellation).ConfigureAwait(false);
            return document.WithText(text.WithChanges(Apart(changes)));
        }

        DocumentEditor editor = await DocumentEditor.CreateAsync(document, cancellation).ConfigureAwait(false);
        foreach (DocumentFix fix in fixes)
        {
            fix.Edit(editor);
        }

        return editor.GetChangedDocument();
    }

    /// <summary>Without those that reach into the one before.</summary>
    private static IEnumerable<TextChange> Apart(IEnumerable<TextChange> changes)
    {
        int end = 0;
        foreach (TextChange change in changes.Where(change => change.Span.Start >= end))
        {
            end = change.Span.End;
            yield return change;
        }
    }

    private sealed class FixEachDiagnostic(TorchSharpCodeFixProvider provider) : DocumentBasedFixAllProvider
    {
        protected override async Task<Document?> FixAllAsync(
            FixAllContext fixAllContext, Document document, ImmutableArray<Diagnostic> diagnostics)
        {
            var chosen = new List<DocumentFix>();
            foreach (Diagnostic diagnostic in diagnostics.OrderBy(d => d.Location.SourceSpan.Start))
            {
                IReadOnlyList<DocumentFix> fixes =
                    await provider.FindFixesAsync(document, diagnostic, fixAllContext.CancellationToken).ConfigureAwait(false);
                chosen.AddRange(fixes.Where(fix => fix.EquivalenceKey == fixAllContext.CodeActionEquivalenceKey).Take(1));
            }

            return await ApplyAsync(document, chosen, fixAllContext.CancellationToken).ConfigureAwait(false);
        }
    }
}
