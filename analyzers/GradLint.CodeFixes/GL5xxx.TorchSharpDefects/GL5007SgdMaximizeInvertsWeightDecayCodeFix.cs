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

/// <summary>Leaves the weight decay out.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL5007SgdMaximizeInvertsWeightDecayCodeFix() : TorchSharpCodeFixProvider(RuleIds.SgdMaximizeInvertsWeightDecay)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SyntaxNode? node = root?.FindNode(diagnostic.Location.SourceSpan);
        return node?.FirstAncestorOrSelf<ArgumentSyntax>() is { } argument && ArgumentEdits.CanGo(argument)
            ? [new DocumentFix("Leave the weight decay out", RuleIds.SgdMaximizeInvertsWeightDecay, editor => editor.Remove(argument))]
            : [];
    }
}
