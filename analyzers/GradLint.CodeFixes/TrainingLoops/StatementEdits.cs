using System.Linq;
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
        SyntaxFactory.ParseStatement(text).WithAdditionalAnnotations(Simplifier.Annotation, Formatter.Annotation, SyntaxAnnotation.ElasticAnnotation);

    public static void InsertBefore(this DocumentEditor editor, StatementSyntax statement, StatementSyntax added)
    {
        if (statement.Parent is GlobalStatementSyntax global)
        {
            editor.InsertBefore(global, SyntaxFactory.GlobalStatement(added));
        }
        else if (statement.Parent is BlockSyntax or SwitchSectionSyntax)
        {
            editor.InsertBefore((SyntaxNode)statement, added);
        }
        else
        {
            Surround(editor, statement, current => [added, current]);
        }
    }

    public static void InsertAfter(this DocumentEditor editor, StatementSyntax statement, StatementSyntax added)
    {
        if (statement.Parent is GlobalStatementSyntax global)
        {
            editor.InsertAfter(global, SyntaxFactory.GlobalStatement(added));
        }
        else if (statement.Parent is BlockSyntax or SwitchSectionSyntax)
        {
            editor.InsertAfter((SyntaxNode)statement, added);
        }
        else
        {
            Surround(editor, statement, current => [current, added]);
        }
    }

    /// <summary>Makes the statement the first that the loop runs in each iteration.</summary>
    public static void InsertAtStartOf(this DocumentEditor editor, StatementSyntax loop, StatementSyntax added)
    {
        if (BodyOf(loop) is not BlockSyntax body)
        {
            editor.InsertBefore(BodyOf(loop)!, added);
        }
        else if (body.Statements.FirstOrDefault(statement => !IsScope(statement)) is { } first)
        {
            editor.InsertBefore(first, added);
        }
        else
        {
            editor.ReplaceNode(body, (current, _) => ((BlockSyntax)current).AddStatements(added));
        }
    }

    public static StatementSyntax? BodyOf(StatementSyntax loop) => loop switch
    {
        CommonForEachStatementSyntax each => each.Statement,
        ForStatementSyntax counted => counted.Statement,
        WhileStatementSyntax whileLoop => whileLoop.Statement,
        DoStatementSyntax doLoop => doLoop.Statement,
        _ => null,
    };

    /// <summary><c>using var scope = torch.NewDisposeScope();</c> belongs first.</summary>
    private static bool IsScope(StatementSyntax statement) => statement is LocalDeclarationStatementSyntax declaration && declaration.UsingKeyword.IsKind(SyntaxKind.UsingKeyword);

    private static void Surround(DocumentEditor editor, StatementSyntax statement, System.Func<StatementSyntax, StatementSyntax[]> arrange) =>
        editor.ReplaceNode(
            statement,
            (current, _) => SyntaxFactory.Block(arrange(((StatementSyntax)current).WithoutTrivia().WithAdditionalAnnotations(Formatter.Annotation)))
                .WithTriviaFrom(current)
                .WithAdditionalAnnotations(Formatter.Annotation));
}
