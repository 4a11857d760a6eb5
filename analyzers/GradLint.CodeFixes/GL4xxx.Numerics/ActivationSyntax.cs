using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.CodeFixes.Rules;

/// <summary>Takes the call of an activation, or the layer that computes it, out of the code.</summary>
internal static class ActivationSyntax
{
    /// <summary>What the activation is applied to; null where the expression is not its call.</summary>
    public static ExpressionSyntax? InputOf(ExpressionSyntax activation, SemanticModel model, CancellationToken cancellation)
    {
        if (model.GetOperation(activation, cancellation) is not IInvocationOperation call)
        {
            return null;
        }

        bool isOnTensor = call.Instance?.Type is { Name: "Tensor" };
        IOperation? input = isOnTensor ? call.Instance : call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value;
        return input?.Syntax as ExpressionSyntax;
    }

    /// <summary>
    /// The edit that leaves the activation out, as far as the loss is concerned; null where others use its result too.
    /// </summary>
    public static Action<DocumentEditor>? Without(ExpressionSyntax activation, SyntaxNode loss, SemanticModel model, CancellationToken cancellation)
    {
        if (LayerArgumentOf(activation) is { Parent: ArgumentListSyntax layers } layer)
        {
            int index = layers.Arguments.IndexOf(layer);
            return editor => editor.ReplaceNode(layers, (current, _) => Remove((ArgumentListSyntax)current, layers, index));
        }

        if (InputOf(activation, model, cancellation) is not { } input || !IsForThe(loss, activation, model, cancellation))
        {
            return null;
        }

        if (activation.Parent is AssignmentExpressionSyntax { Parent: ExpressionStatementSyntax statement, Left: var target } && SyntaxFactory.AreEquivalent(target, input))
        {
            return editor => editor.ReplaceNode(statement, SyntaxFactory.EmptyStatement().WithTriviaFrom(statement));
        }

        return editor => OperandSyntax.Replace(editor, activation, current => SyntaxFactory.AreEquivalent(current, activation.WithoutTrivia()) ? Fitting(input, activation) : current);
    }

    private static ExpressionSyntax Fitting(ExpressionSyntax input, ExpressionSyntax place) =>
        place.Parent is ArgumentSyntax or ReturnStatementSyntax or EqualsValueClauseSyntax or ArrowExpressionClauseSyntax or AssignmentExpressionSyntax
            ? input.WithoutTrivia()
            : OperandSyntax.AsReceiver(input.WithoutTrivia());

    /// <summary>Whether the expression makes a layer of a <c>Sequential</c>.</summary>
    public static bool IsLayer(ExpressionSyntax activation) => LayerArgumentOf(activation) is not null;

    /// <summary>The argument of a <c>Sequential</c> that is the layer, alone or with its name.</summary>
    private static ArgumentSyntax? LayerArgumentOf(ExpressionSyntax activation)
    {
        SyntaxNode? argument = activation.Parent is ArgumentSyntax { Parent: TupleExpressionSyntax { Parent: ArgumentSyntax named } } ? named : activation.Parent;
        return argument is ArgumentSyntax { Parent.Parent: InvocationExpressionSyntax { Expression: var function } } found
            && function.ToString() is var text
            && (text == "Sequential" || text.EndsWith(".Sequential", StringComparison.Ordinal))
                ? found
                : null;
    }

    private static ArgumentListSyntax Remove(ArgumentListSyntax current, ArgumentListSyntax original, int index) =>
        current.Arguments.Count == original.Arguments.Count ? current.WithArguments(current.Arguments.RemoveAt(index)) : current;

    /// <summary>Whether the result goes into the loss alone, or is what a module puts out.</summary>
    private static bool IsForThe(SyntaxNode loss, ExpressionSyntax activation, SemanticModel model, CancellationToken cancellation)
    {
        if (loss.Span.Contains(activation.Span) || activation.Ancestors().OfType<MethodDeclarationSyntax>().FirstOrDefault() is { Identifier.ValueText: "forward" })
        {
            return true;
        }

        return activation.Parent is EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax declarator }
            && model.GetDeclaredSymbol(declarator, cancellation) is { } local
            && UsesOf(local, declarator, model, cancellation).ToList() is [var only]
            && loss.Span.Contains(only.Span);
    }

    public static IEnumerable<IdentifierNameSyntax> UsesOf(ISymbol variable, SyntaxNode near, SemanticModel model, CancellationToken cancellation) =>
        near.SyntaxTree.GetRoot(cancellation).DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(name => name.Identifier.ValueText == variable.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, cancellation).Symbol, variable));
}
