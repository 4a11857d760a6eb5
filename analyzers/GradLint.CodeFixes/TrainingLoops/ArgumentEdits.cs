using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.TrainingLoops;

/// <summary>Adds arguments to calls and creations, and takes them away.</summary>
internal static class ArgumentEdits
{
    public static ArgumentListSyntax? ArgumentsOf(SyntaxNode? call) => call switch
    {
        InvocationExpressionSyntax invocation => invocation.ArgumentList,
        BaseObjectCreationExpressionSyntax created => created.ArgumentList,
        _ => null,
    };

    public static ArgumentSyntax Named(string parameter, string value) =>
        SyntaxFactory.Argument(
            SyntaxFactory.NameColon(parameter).WithTrailingTrivia(SyntaxFactory.Space), refKindKeyword: default, SyntaxFactory.ParseExpression(value));

    /// <summary>Several diagnostics may edit one list, so the list is changed as it then is.</summary>
    public static void AddNamed(this DocumentEditor editor, ArgumentListSyntax arguments, string parameter, string value) =>
        editor.ReplaceNode(arguments, (current, _) => ((ArgumentListSyntax)current).AddArguments(Named(parameter, value)));

    /// <summary>Takes an argument out; those behind it must have names, or the fix that asks has to see to them.</summary>
    public static void Remove(this DocumentEditor editor, ArgumentSyntax argument)
    {
        if (argument.Parent is ArgumentListSyntax list)
        {
            int index = list.Arguments.IndexOf(argument);
            editor.ReplaceNode(list, (current, _) => ((ArgumentListSyntax)current) is var now ? now.WithArguments(now.Arguments.RemoveAt(index)) : current);
        }
    }

    /// <summary>Whether all arguments behind this one are named, so that it can go.</summary>
    public static bool CanGo(ArgumentSyntax argument) =>
        argument.Parent is ArgumentListSyntax list && list.Arguments.SkipWhile(other => other != argument).Skip(1).All(later => later.NameColon is not null);
}
