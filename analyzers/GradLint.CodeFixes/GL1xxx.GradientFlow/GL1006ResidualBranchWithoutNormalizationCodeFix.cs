using System.Collections.Generic;
using System.Composition;
using System.Globalization;
using System.Linq;
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

/// <summary>Puts a norm at the start of each branch, or lets the last layer of each start at zero.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1006ResidualBranchWithoutNormalizationCodeFix() : TorchSharpCodeFixProvider(RuleIds.ResidualBranchWithoutNormalization)
{
    /// <summary>The equivalence key of the fix that inserts norms.</summary>
    internal const string Norm = RuleIds.ResidualBranchWithoutNormalization + "_Norm";

    /// <summary>The equivalence key of the fix that zeroes the last layers.</summary>
    internal const string Zero = RuleIds.ResidualBranchWithoutNormalization + "_Zero";

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null || model is null || !int.TryParse(diagnostic.Properties[GL1006Facts.Starts], NumberStyles.None, CultureInfo.InvariantCulture, out int starts))
        {
            return [];
        }

        var fixes = new List<DocumentFix>();
        if (NormInsertion.Around(diagnostic.AdditionalLocations.Take(starts), after: false, root, model) is { } norms)
        {
            fixes.Add(new DocumentFix("Insert a norm at the start of each branch", Norm, norms));
        }

        TextChange?[] zeros = [.. diagnostic.AdditionalLocations.Skip(starts).Select(layer => ZeroOf(layer, root, model))];
        if (zeros.Length > 0 && zeros.All(change => change is not null))
        {
            fixes.Add(new DocumentFix("Let the last layer of each branch start at zero", Zero, zeros.Select(change => change!.Value)));
        }

        return fixes;
    }

    private static TextChange? ZeroOf(Location layer, SyntaxNode root, SemanticModel model) =>
        layer.SourceTree == root.SyntaxTree
        && root.FindNode(layer.SourceSpan, getInnermostNodeForTie: true) is InvocationExpressionSyntax creation
        && LayerField.Holding(creation, model) is { } field
            ? field.AtEndOfConstructor($"{ShortName.OfInit(creation.SpanStart, model)}.zeros_({field.Symbol.Name}.weight);")
            : null;
}
