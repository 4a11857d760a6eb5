using System.Linq;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace GradLint.CodeFixes.TrainingLoops;

/// <summary>Puts statements into training loops, whatever the loop looks like: with braces, without, or at the top of a program.</summary>
internal static class StatementEdits
{
    /// <summary>A statement from its text; fully qualified names in it are shortened to what the file's usings allow.</summary>
    public static StatementSyntax Statement(string text) =>
        WithOwnLines(SyntaxFactory.ParseStatement(text))
            .WithLeadingTrivia(SyntaxFactory.ElasticMarker)
            .WithTrailingTrivia(SyntaxFactory.ElasticMarker)
            .WithAdditionalAnnotations(Simplifier.Annotation, Formatter.Annotation);

    // The formatter breaks lines there, as the document's lines end.
    private static StatementSyntax WithOwnLines(StatementSyntax statement) => statement.ReplaceTrivia(
        statement.DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)), (_, _) => SyntaxFactory.ElasticMarker);

    public static void AddBefore(this DocumentEditor editor, StatementSyntax statement, StatementSyntax added)
    {
        if (statement.Parent is GlobalStatementSyntax global)
        {
            editor.InsertBefore(global, AtTop(added, global, after: false));
        }
        else if (statement.Parent is BlockSyntax or SwitchSectionSyntax)
        {
            editor.InsertBefore(statement, added);
        }
        else
        {
            Surround(editor, statement, current => [added, current]);
        }
    }

    public static void AddAfter(this DocumentEditor editor, StatementSyntax statement, StatementSyntax added)
    {
        if (statement.Parent is GlobalStatementSyntax global)
        {
            editor.InsertAfter(global, AtTop(added, global, after: true));
        }
        else if (statement.Parent is BlockSyntax or SwitchSectionSyntax)
        {
            editor.InsertAfter(statement, added);
        }
        else
        {
            Surround(editor, statement, current => [current, added]);
        }
    }

    /// <summary>Makes the statement the first that the loop runs in each iteration.</summary>
    public static void AddAtStartOf(this DocumentEditor editor, StatementSyntax loop, StatementSyntax added)
    {
        if (BodyOf(loop) is not BlockSyntax body)
        {
            editor.AddBefore(BodyOf(loop)!, added);
        }
        else if (body.Statements.FirstOrDefault(statement => !IsScope(statement)) is { } first)
        {
            editor.AddBefore(first, added);
        }
        else
        {
            editor.ReplaceNode(body, (current, _) => ((BlockSyntax)current).AddStatements(added));
        }
    }

    /// <summary>The statement that a call is all of; null where more hangs on the call.</summary>
    public static StatementSyntax? StatementOf(SyntaxNode? call) =>
        call is InvocationExpressionSyntax { Parent: ExpressionStatementSyntax { Parent: BlockSyntax or SwitchSectionSyntax or GlobalStatementSyntax } statement } ? statement : null;

    /// <summary>Whether both stand in one block, or at the top of the program.</summary>
    public static bool AreNeighbours(StatementSyntax one, StatementSyntax other) => one != other && ListOf(one) == ListOf(other);

    public static StatementSyntax? NextOf(StatementSyntax statement)
    {
        SyntaxNode inList = statement.Parent is GlobalStatementSyntax global ? global : statement;
        SyntaxNode? next = inList.Parent?.ChildNodes().SkipWhile(node => node != inList).ElementAtOrDefault(1);
        return next is GlobalStatementSyntax { Statement: var inner } ? inner : next as StatementSyntax;
    }

    /// <summary>Whether all that the statement names is known at the other one, too.</summary>
    public static bool CanMove(StatementSyntax statement, StatementSyntax target, SemanticModel model) =>
        statement.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Select(name => model.GetSymbolInfo(name).Symbol)
            .Where(symbol => symbol is ILocalSymbol)
            .All(local => model.LookupSymbols(target.SpanStart, name: local!.Name).Contains(local, SymbolEqualityComparer.Default)
                && local.DeclaringSyntaxReferences.All(reference => reference.Span.Start < target.SpanStart));

    public static void MoveBefore(this DocumentEditor editor, StatementSyntax statement, StatementSyntax target)
    {
        editor.Take(statement);
        editor.AddBefore(target, Statement(statement.WithoutTrivia().ToString()));
    }

    public static void MoveAfter(this DocumentEditor editor, StatementSyntax statement, StatementSyntax target)
    {
        editor.Take(statement);
        editor.AddAfter(target, Statement(statement.WithoutTrivia().ToString()));
    }

    /// <summary>Removes a statement, with its line; comments around it stay.</summary>
    public static void Take(this DocumentEditor editor, StatementSyntax statement) =>
        editor.RemoveNode(
            statement.Parent is GlobalStatementSyntax global ? global : statement,
            statement.GetLeadingTrivia().Concat(statement.GetTrailingTrivia()).Any(trivia => !trivia.IsKind(SyntaxKind.WhitespaceTrivia) && !trivia.IsKind(SyntaxKind.EndOfLineTrivia))
                ? SyntaxRemoveOptions.KeepExteriorTrivia
                : SyntaxRemoveOptions.KeepNoTrivia);

    private static SyntaxNode? ListOf(StatementSyntax statement) => statement.Parent is GlobalStatementSyntax global ? global.Parent : statement.Parent;

    public static StatementSyntax? BodyOf(StatementSyntax loop) => loop switch
    {
        CommonForEachStatementSyntax each => each.Statement,
        ForStatementSyntax counted => counted.Statement,
        WhileStatementSyntax whileLoop => whileLoop.Statement,
        DoStatementSyntax doLoop => doLoop.Statement,
        _ => null,
    };

    /// <summary><c>using var scope = torch.NewDisposeScope();</c> belongs first.</summary>
    private static bool IsScope(StatementSyntax statement) =>
        statement is LocalDeclarationStatementSyntax { Declaration.Variables: [{ Initializer.Value: InvocationExpressionSyntax creation }] } declaration
        && declaration.UsingKeyword.IsKind(SyntaxKind.UsingKeyword)
        && FileNames.NameOf(creation.Expression) == "NewDisposeScope";

    /// <summary>At the top of a program the formatter would put blank lines around what it is free to move.</summary>
    private static GlobalStatementSyntax AtTop(StatementSyntax added, GlobalStatementSyntax neighbour, bool after)
    {
        SyntaxTrivia lineEnd = neighbour.SyntaxTree.GetRoot().DescendantTrivia().FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        if (lineEnd == default)
        {
            return SyntaxFactory.GlobalStatement(added);
        }

        bool isLastLine = after && !neighbour.GetTrailingTrivia().Any(SyntaxKind.EndOfLineTrivia);
        SyntaxTriviaList none = SyntaxFactory.TriviaList();
        return SyntaxFactory.GlobalStatement(added
            .WithoutAnnotations(Formatter.Annotation)
            .WithLeadingTrivia(isLastLine ? SyntaxFactory.TriviaList(lineEnd) : none)
            .WithTrailingTrivia(isLastLine ? none : SyntaxFactory.TriviaList(lineEnd)));
    }

    private static void Surround(DocumentEditor editor, StatementSyntax statement, System.Func<StatementSyntax, StatementSyntax[]> arrange) =>
        editor.ReplaceNode(
            statement,
            (current, _) => SyntaxFactory.Block(arrange(((StatementSyntax)current).WithoutTrivia().WithAdditionalAnnotations(Formatter.Annotation)))
                .WithTriviaFrom(current)
                .WithAdditionalAnnotations(Formatter.Annotation));
}
