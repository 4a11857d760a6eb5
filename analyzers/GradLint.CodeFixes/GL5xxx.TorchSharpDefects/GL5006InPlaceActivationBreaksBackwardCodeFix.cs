using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Leaves inplace out.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL5006InPlaceActivationBreaksBackwardCodeFix() : TorchSharpCodeFixProvider(RuleIds.InPlaceActivationBreaksBackward)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SyntaxNode? node = root?.FindNode(diagnostic.Location.SourceSpan);
        return node?.FirstAncestorOrSelf<ArgumentSyntax>() is { } argument && ArgumentEdits.CanGo(argument)
            ? [new DocumentFix("Do not work in place", RuleIds.InPlaceActivationBreaksBackward, editor => editor.Remove(argument))]
            : [];
    }
}
