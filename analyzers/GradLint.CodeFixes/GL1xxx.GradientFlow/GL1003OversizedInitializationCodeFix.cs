using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Replaces an oversized initializer by the one that fits the activation behind the layer.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1003OversizedInitializationCodeFix : TorchSharpCodeFixProvider
{
    /// <summary>Creates the fix.</summary>
    public GL1003OversizedInitializationCodeFix()
        : base(RuleIds.OversizedInitialization)
    {
    }

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        if (root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax { ArgumentList.Arguments: [var weight, ..] } call)
        {
            return [];
        }

        string? init = call.Expression switch
        {
            MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } access when !IsTensorMethod(call) => access.ToString().Substring(0, access.ToString().Length - name.Length),
            IdentifierNameSyntax => "",
            _ => null,
        };
        if (init is null || InitializerSyntax.Call(diagnostic.Properties, init, weight.ToString()) is not { } fitting)
        {
            return [];
        }

        ExpressionSyntax replacement = SyntaxFactory.ParseExpression(fitting).WithTriviaFrom(call);
        return [new DocumentFix("Use an initializer that fits the activation", "GL1003_FittingInitializer", editor => editor.ReplaceNode(call, replacement))];
    }

    /// <summary><c>fc.weight.normal_(0, 1)</c> has the weight in front, not in the arguments.</summary>
    private static bool IsTensorMethod(InvocationExpressionSyntax call) =>
        call.Expression is MemberAccessExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "weight" } };
}
