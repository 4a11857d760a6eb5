using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Rules;

/// <summary>Takes the loss with logits and leaves out the sigmoid before it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4006SigmoidBeforeBinaryCrossEntropyCodeFix() : TorchSharpCodeFixProvider(RuleIds.SigmoidBeforeBinaryCrossEntropy)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null
            || model is null
            || diagnostic.AdditionalLocations.Count < 2
            || diagnostic.AdditionalLocations[1].SourceTree != root.SyntaxTree
            || root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } loss
            || OperandSyntax.Find(root, diagnostic.AdditionalLocations[1]) is not { } sigmoid
            || !IsOfTheSameFunction(sigmoid, loss)
            || ActivationSyntax.IsLayer(sigmoid)
            || ActivationSyntax.Without(sigmoid, loss, model, cancellation) is not { } leaveOut
            || WithLogits(loss, model, cancellation) is not { } useLogits)
        {
            return [];
        }

        return
        [
            new DocumentFix("Use the loss with logits", RuleIds.SigmoidBeforeBinaryCrossEntropy, editor =>
            {
                leaveOut(editor);
                useLogits(editor);
            }),
        ];
    }

    /// <summary>A model that loses its sigmoid changes for all its users; the loss changes only here.</summary>
    private static bool IsOfTheSameFunction(SyntaxNode sigmoid, SyntaxNode loss) =>
        sigmoid.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member
        && member.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>() == loss.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>()
        && (member is GlobalStatementSyntax || member.Span.Contains(loss.Span));

    private static System.Action<DocumentEditor>? WithLogits(InvocationExpressionSyntax loss, SemanticModel model, CancellationToken cancellation)
    {
        SimpleNameSyntax? name = loss.Expression switch
        {
            MemberAccessExpressionSyntax access => access.Name,
            SimpleNameSyntax simple => simple,
            _ => null,
        };
        if (name?.Identifier.ValueText == "binary_cross_entropy")
        {
            return editor => Rename(editor, name, "binary_cross_entropy_with_logits");
        }

        return loss.Expression is MemberAccessExpressionSyntax { Expression: var criterion } ? ForCriterion(criterion, model, cancellation) : null;
    }

    /// <summary>The criterion's creation, where nothing else uses it.</summary>
    private static System.Action<DocumentEditor>? ForCriterion(ExpressionSyntax criterion, SemanticModel model, CancellationToken cancellation)
    {
        if (NameOfFactory(criterion) is { } direct)
        {
            return editor => Rename(editor, direct, "BCEWithLogitsLoss");
        }

        if (model.GetSymbolInfo(criterion, cancellation).Symbol is not { DeclaringSyntaxReferences: [var declaration] } holder
            || declaration.GetSyntax(cancellation) is not VariableDeclaratorSyntax { Initializer.Value: var creation, Parent: VariableDeclarationSyntax { Type: var type } } declarator
            || declarator.SyntaxTree != criterion.SyntaxTree
            || NameOfFactory(creation) is not { } factory
            || !IsUsedOnce(holder, criterion, model, cancellation))
        {
            return null;
        }

        SimpleNameSyntax? typeName = type is SimpleNameSyntax { Identifier.ValueText: "BCELoss" } simple ? simple : (type as QualifiedNameSyntax)?.Right;
        return editor =>
        {
            Rename(editor, factory, "BCEWithLogitsLoss");
            if (typeName is { Identifier.ValueText: "BCELoss" })
            {
                Rename(editor, typeName, "BCEWithLogitsLoss");
            }
        };
    }

    private static bool IsUsedOnce(ISymbol holder, SyntaxNode near, SemanticModel model, CancellationToken cancellation)
    {
        int uses = 0;
        foreach (IdentifierNameSyntax _ in ActivationSyntax.UsesOf(holder, near, model, cancellation))
        {
            uses++;
        }

        return uses == 1 && holder.DeclaredAccessibility is Accessibility.Private or Accessibility.NotApplicable;
    }

    private static SimpleNameSyntax? NameOfFactory(ExpressionSyntax creation) => creation is InvocationExpressionSyntax call
        ? call.Expression switch
        {
            IdentifierNameSyntax { Identifier.ValueText: "BCELoss" } name => name,
            MemberAccessExpressionSyntax { Name: { Identifier.ValueText: "BCELoss" } name } => name,
            _ => null,
        }
        : null;

    private static void Rename(DocumentEditor editor, SimpleNameSyntax name, string newName) =>
        editor.ReplaceNode(name, (current, _) => Microsoft.CodeAnalysis.CSharp.SyntaxFactory.IdentifierName(newName).WithTriviaFrom(current));
}
