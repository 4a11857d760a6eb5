using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Rules;

/// <summary>Writes an operand anew where it stands: as the receiver of a call, an argument or a divisor.</summary>
internal static class OperandSyntax
{
    public static ExpressionSyntax? Find(SyntaxNode root, Location location) =>
        root.FindNode(location.SourceSpan, getInnermostNodeForTie: true) as ExpressionSyntax;

    /// <summary><c>x + 1e-8</c>, in parentheses where the place needs them.</summary>
    public static void Add(DocumentEditor editor, ExpressionSyntax operand, string number)
    {
        if (ReceiverInPlace(operand) is not null)
        {
            Replace(editor, operand, current => Call(current, "add_", number));
            return;
        }

        bool isBare = operand.Parent is ArgumentSyntax or ParenthesizedExpressionSyntax or AssignmentExpressionSyntax;
        Replace(editor, operand, current =>
        {
            ExpressionSyntax sum = SyntaxFactory.BinaryExpression(
                SyntaxKind.AddExpression,
                IsTighterThanSum(current) ? current : SyntaxFactory.ParenthesizedExpression(current),
                SyntaxFactory.Token(SyntaxFactory.TriviaList(SyntaxFactory.Space), SyntaxKind.PlusToken, SyntaxFactory.TriviaList(SyntaxFactory.Space)),
                SyntaxFactory.ParseExpression(number));
            return isBare ? sum : SyntaxFactory.ParenthesizedExpression(sum);
        });
    }

    /// <summary><c>x.clamp_min(1e-8)</c>.</summary>
    public static void Limit(DocumentEditor editor, ExpressionSyntax operand, string function, string number)
    {
        string form = ReceiverInPlace(operand) is null ? function : function + "_";
        ExpressionSyntax whole = operand.Parent is ParenthesizedExpressionSyntax parenthesized ? parenthesized : operand;
        Replace(editor, whole, current => Call(current, form, number));
    }

    /// <summary><c>x / 255</c>.</summary>
    public static void Divide(DocumentEditor editor, ExpressionSyntax operand, string number) => Replace(editor, operand, current => SyntaxFactory.BinaryExpression(
        SyntaxKind.DivideExpression,
        IsPrimary(current) ? current : SyntaxFactory.ParenthesizedExpression(current),
        SyntaxFactory.Token(SyntaxFactory.TriviaList(SyntaxFactory.Space), SyntaxKind.SlashToken, SyntaxFactory.TriviaList(SyntaxFactory.Space)),
        SyntaxFactory.ParseExpression(number)));

    /// <summary>The expression, such that a member can be taken of it.</summary>
    public static ExpressionSyntax AsReceiver(ExpressionSyntax expression) => IsPrimary(expression) ? expression : SyntaxFactory.ParenthesizedExpression(expression);

    public static InvocationExpressionSyntax Call(ExpressionSyntax receiver, string function, string argument) => SyntaxFactory.InvocationExpression(
        SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, AsReceiver(receiver), SyntaxFactory.IdentifierName(function)),
        SyntaxFactory.ArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(SyntaxFactory.ParseExpression(argument)))));

    /// <summary>Replaces an expression, and what earlier edits have made of it, between the spaces and lines that it stands between.</summary>
    public static void Replace(DocumentEditor editor, ExpressionSyntax old, System.Func<ExpressionSyntax, ExpressionSyntax> write) =>
        editor.ReplaceNode(old, (current, _) => write(((ExpressionSyntax)current).WithoutTrivia()).WithTriviaFrom(current));

    /// <summary>The call in place on the operand: a new tensor in its stead would leave the variable as it was.</summary>
    private static InvocationExpressionSyntax? ReceiverInPlace(ExpressionSyntax operand) =>
        operand.Parent is MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call, Name.Identifier.ValueText: var function } access
        && access.Expression == operand
        && function.EndsWith("_", System.StringComparison.Ordinal)
            ? call
            : null;

    private static bool IsPrimary(ExpressionSyntax expression) =>
        expression is IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax or ThisExpressionSyntax;

    private static bool IsTighterThanSum(ExpressionSyntax expression) => IsPrimary(expression)
        || expression is PrefixUnaryExpressionSyntax or CastExpressionSyntax
        || expression.Kind() is SyntaxKind.AddExpression or SyntaxKind.SubtractExpression or SyntaxKind.MultiplyExpression or SyntaxKind.DivideExpression;
}
