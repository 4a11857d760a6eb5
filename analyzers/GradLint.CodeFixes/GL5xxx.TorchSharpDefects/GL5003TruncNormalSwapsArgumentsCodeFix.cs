using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.CodeFixes.Rules;

/// <summary>Draws from the normal distribution and clamps.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL5003TruncNormalSwapsArgumentsCodeFix() : TorchSharpCodeFixProvider(RuleIds.TruncNormalSwapsArguments)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is InvocationExpressionSyntax { Parent: ExpressionStatementSyntax statement, Expression: var called } call
            && await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false) is { } model
            && model.GetOperation(call, cancellation) is IInvocationOperation operation
            && operation.ArgumentFor("tensor")?.Value.Syntax is { } tensor
                ? [new DocumentFix("Use 'normal_' and 'clamp_'", RuleIds.TruncNormalSwapsArguments, editor => editor.ReplaceNode(
                    statement, StatementEdits.Statement(
                        $"using (global::TorchSharp.torch.no_grad())\n{{\n{Sibling(called)}({tensor}, {Written(operation, "mean", "0.0")}, {Written(operation, "std", "1.0")}).clamp_({Written(operation, "a", "-2.0")}, {Written(operation, "b", "2.0")});\n}}")
                        .WithTriviaFrom(statement)))]
                : [];
    }

    /// <summary><c>init.normal_</c> for <c>init.trunc_normal_</c>.</summary>
    private static ExpressionSyntax Sibling(ExpressionSyntax called) => called is MemberAccessExpressionSyntax access
        ? access.WithName(SyntaxFactory.IdentifierName("normal_"))
        : SyntaxFactory.IdentifierName("normal_");

    private static string Written(IInvocationOperation operation, string parameter, string otherwise) =>
        operation.ArgumentFor(parameter) is { ArgumentKind: ArgumentKind.Explicit } argument ? argument.Value.Syntax.ToString() : otherwise;
}
