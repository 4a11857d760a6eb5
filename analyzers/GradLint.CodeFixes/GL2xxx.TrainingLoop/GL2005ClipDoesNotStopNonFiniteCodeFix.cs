using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.CodeFixes.Rules;

/// <summary>Steps only where the norm that clipping returns is finite.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2005ClipDoesNotStopNonFiniteCodeFix() : TorchSharpCodeFixProvider(RuleIds.ClipDoesNotStopNonFinite)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        return root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is InvocationExpressionSyntax { Parent: ExpressionStatementSyntax clip } call
            && StatementEdits.NextOf(clip) is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "step" } } } step
                ? [new DocumentFix("Step only where the norm is finite", RuleIds.ClipDoesNotStopNonFinite, editor =>
                {
                    editor.ReplaceNode(step, StatementEdits.Statement($"if (double.IsFinite({call})) \n{{\n{step.WithoutTrivia()}\n}}").WithTriviaFrom(step));
                    editor.Take(clip);
                })]
                : [];
    }
}
