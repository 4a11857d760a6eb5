using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using GradLint.Rules;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Rules;

/// <summary>Clips the gradients before the step, or lets the guard step.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2001MissingGradientClippingCodeFix() : TorchSharpCodeFixProvider(RuleIds.MissingGradientClipping)
{
    /// <summary>The equivalence key of the fix that inserts <c>clip_grad_norm_</c>.</summary>
    internal const string Clip = RuleIds.MissingGradientClipping + "_Clip";

    /// <summary>The equivalence key of the fix that puts a <c>GradientGuard</c> in charge.</summary>
    internal const string Guard = RuleIds.MissingGradientClipping + "_Guard";

    private static readonly string[] s_namesOfUtils = ["torch.nn.utils", "nn.utils", "utils", "TorchSharp.torch.nn.utils"];

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        if (model is null || root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax
            {
                ArgumentList.Arguments.Count: 0,
                Expression: MemberAccessExpressionSyntax { Expression: var optimizer },
            } step)
        {
            return [];
        }

        var fixes = new List<DocumentFix>();
        string? network = diagnostic.Properties[GL2001Facts.Model];
        if (step.FirstAncestorOrSelf<StatementSyntax>() is { } statement && FunctionBody.Around(step) == FunctionBody.Around(statement))
        {
            string clip = $"{NameOfUtils(step, model)}.clip_grad_norm_({network ?? optimizer.ToString()}.parameters(), 1.0);";
            fixes.Add(new DocumentFix("Clip the gradients to a norm of 1.0", Clip, editor => editor.AddBefore(statement, StatementEdits.Statement(clip))));
        }

        if (network is not null
            && diagnostic.Properties[GL2001Facts.Loss] is { } loss
            && step.Parent is ExpressionStatementSyntax
            && model.Compilation.GetTypeByMetadataName(GradLintNames.GradientGuard)?.ContainingAssembly.Name == GradLintNames.Assembly
            && OutermostLoopThatKnows(optimizer, network, step, model, cancellation) is { } loop)
        {
            fixes.Add(new DocumentFix(
                "Let a GradLint guard check, clip and step",
                Guard,
                editor => AddGuard(editor, step, loop, $"global::GradLint.GradientGuard.For({network}, {optimizer})", loss, FreeName("guard", step, model, editor))));
        }

        return fixes;
    }

    private static void AddGuard(DocumentEditor editor, InvocationExpressionSyntax step, StatementSyntax loop, string creation, string loss, string guard)
    {
        editor.AddBefore(loop, StatementEdits.Statement($"using var {guard} = {creation};"));
        editor.ReplaceNode(step, SyntaxFactory.ParseExpression($"{guard}.Step({loss})").WithTriviaFrom(step));
    }

    /// <summary>The guard learns over the whole training, so it is made outside of as many loops as the optimizer and the network are.</summary>
    private static StatementSyntax? OutermostLoopThatKnows(
        ExpressionSyntax optimizer, string network, InvocationExpressionSyntax step, SemanticModel model, CancellationToken cancellation)
    {
        ISymbol?[] needed =
        [
            model.GetSymbolInfo(FirstNameIn(optimizer), cancellation).Symbol,
            model.LookupSymbols(step.SpanStart, name: network.Split('.')[0]).FirstOrDefault(),
        ];
        return FunctionBody.LoopsAround(step)
            .TakeWhile(loop => !needed.Any(symbol => symbol is ILocalSymbol && symbol.DeclaringSyntaxReferences.Any(reference => loop.Span.Contains(reference.Span))))
            .LastOrDefault();
    }

    /// <summary>How TorchSharp's own examples write it, where the file's usings allow.</summary>
    private static string NameOfUtils(SyntaxNode position, SemanticModel model)
    {
        INamedTypeSymbol? utils = model.Compilation.GetTypeByMetadataName(TorchSharpNames.Utils);
        return s_namesOfUtils.FirstOrDefault(name => SymbolEqualityComparer.Default.Equals(
            model.GetSpeculativeSymbolInfo(position.SpanStart, SyntaxFactory.ParseExpression(name), SpeculativeBindingOption.BindAsExpression).Symbol, utils))
            ?? "global::TorchSharp.torch.nn.utils";
    }

    private static ExpressionSyntax FirstNameIn(ExpressionSyntax expression) =>
        expression.DescendantNodesAndSelf().OfType<ExpressionSyntax>().FirstOrDefault(part => part is IdentifierNameSyntax) ?? expression;

    /// <summary>A name that nothing at the position has, and that no other fix of the same round has taken.</summary>
    private static string FreeName(string wanted, SyntaxNode position, SemanticModel model, DocumentEditor editor)
    {
        HashSet<string> taken = new(editor.GetChangedRoot().DescendantNodes().OfType<VariableDeclaratorSyntax>().Select(variable => variable.Identifier.ValueText));
        string name = wanted;
        for (int i = 2; taken.Contains(name) || !model.LookupSymbols(position.SpanStart, name: name).IsEmpty; i++)
        {
            name = wanted + i;
        }

        return name;
    }
}
