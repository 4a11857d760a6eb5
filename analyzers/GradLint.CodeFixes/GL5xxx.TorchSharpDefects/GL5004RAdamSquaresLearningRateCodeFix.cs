using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Creates Adam, whose parameters are the same.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL5004RAdamSquaresLearningRateCodeFix() : TorchSharpCodeFixProvider(RuleIds.RAdamSquaresLearningRate)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is ExpressionSyntax creation
            && NameIn(creation) is { } name
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && !IsBoundToType(creation, model, cancellation)
                ? [new DocumentFix("Use Adam", RuleIds.RAdamSquaresLearningRate, editor => editor.ReplaceNode(name, SyntaxFactory.IdentifierName("Adam").WithTriviaFrom(name)))]
                : [];
    }

    private static SimpleNameSyntax? NameIn(ExpressionSyntax creation) => creation switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } => access.Name,
        InvocationExpressionSyntax { Expression: SimpleNameSyntax name } => name,
        ObjectCreationExpressionSyntax { Type: SimpleNameSyntax name } => name,
        _ => null,
    };

    /// <summary>Whether a variable, or parameter groups, are of RAdam's own type.</summary>
    private static bool IsBoundToType(ExpressionSyntax creation, SemanticModel model, CancellationToken cancellation) =>
        creation.DescendantNodes().OfType<SimpleNameSyntax>().Count(name => name.Identifier.ValueText == "RAdam") > 1
        || creation.Parent is not (EqualsValueClauseSyntax { Parent.Parent: VariableDeclarationSyntax { Type.IsVar: true } } or ExpressionStatementSyntax)
            && model.GetTypeInfo(creation, cancellation).ConvertedType?.Name == "RAdam";
}
