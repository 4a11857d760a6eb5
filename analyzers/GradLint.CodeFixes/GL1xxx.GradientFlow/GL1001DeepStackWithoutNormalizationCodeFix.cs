using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;

namespace GradLint.CodeFixes.Rules;

/// <summary>Inserts the fitting norm behind each layer of the stack, in field, constructor and forward.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1001DeepStackWithoutNormalizationCodeFix() : TorchSharpCodeFixProvider(RuleIds.DeepStackWithoutNormalization)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        return root is not null && model is not null && NormInsertion.Around(diagnostic.AdditionalLocations, after: true, root, model) is { } changes
            ? [new DocumentFix("Insert a norm after each layer", RuleIds.DeepStackWithoutNormalization, changes)]
            : [];
    }
}
