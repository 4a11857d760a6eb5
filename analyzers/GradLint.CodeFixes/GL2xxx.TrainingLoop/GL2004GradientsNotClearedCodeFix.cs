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
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Clears the gradients at the start of each iteration; after the step, where only some iterations step.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL2004GradientsNotClearedCodeFix() : TorchSharpCodeFixProvider(RuleIds.GradientsNotCleared)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        if (model is null || root is null || diagnostic.Properties[GL2004Facts.Optimizers]?.Split('\n') is not { } optimizers)
        {
            return [];
        }

        SyntaxNode backward = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        List<Clearing?> clearings = diagnostic.AdditionalLocations
            .Select(location => root.FindNode(location.SourceSpan, getInnermostNodeForTie: true))
            .Zip(optimizers, (step, optimizer) => Clearing.Find(optimizer, step, backward, model))
            .ToList();
        return clearings.Contains(null)
            ? []
            : [new DocumentFix("Clear the gradients once per step", RuleIds.GradientsNotCleared, editor => clearings.ForEach(clearing => clearing!.Apply(editor)))];
    }

    /// <summary>One <c>zero_grad()</c> to be written.</summary>
    private sealed record Clearing(string Optimizer, StatementSyntax Step, StatementSyntax Backward, StatementSyntax? Loop, bool StepsSometimes)
    {
        public static Clearing? Find(string optimizer, SyntaxNode step, SyntaxNode backward, SemanticModel model)
        {
            if (StatementOf(step) is not { } stepStatement
                || StatementOf(backward) is not { } backwardStatement)
            {
                return null;
            }

            TextSpan both = TextSpan.FromBounds(
                System.Math.Min(step.SpanStart, backward.SpanStart), System.Math.Max(step.Span.End, backward.Span.End));
            StatementSyntax? loop = FunctionBody.LoopsAround(step).FirstOrDefault(loop => loop.Span.Contains(both));
            bool sometimes = step.Ancestors().TakeWhile(ancestor => !ancestor.Span.Contains(both)).Any(ancestor => ancestor is IfStatementSyntax);
            return !sometimes && loop is not null && NamesLocalOf(loop, optimizer, step, model)
                ? null
                : new Clearing(optimizer, stepStatement, backwardStatement, loop, sometimes);
        }

        public void Apply(DocumentEditor editor)
        {
            StatementSyntax clear = StatementEdits.Statement($"{Optimizer}.zero_grad();");
            if (StepsSometimes)
            {
                editor.AddAfter(Step, clear);
            }
            else if (Loop is not null)
            {
                editor.AddAtStartOf(Loop, clear);
            }
            else
            {
                editor.AddBefore(Backward, clear);
            }
        }

        /// <summary>The statement that the node is in, in its own function; a lambda of one expression has none.</summary>
        private static StatementSyntax? StatementOf(SyntaxNode node) =>
            node.FirstAncestorOrSelf<StatementSyntax>() is { } statement && FunctionBody.Around(statement) == FunctionBody.Around(node) ? statement : null;

        private static bool NamesLocalOf(StatementSyntax loop, string optimizer, SyntaxNode step, SemanticModel model) =>
            SyntaxFactory.ParseExpression(optimizer).DescendantNodesAndSelf()
                .OfType<IdentifierNameSyntax>()
                .SelectMany(name => model.LookupSymbols(step.SpanStart, name: name.Identifier.ValueText))
                .Any(symbol => symbol is ILocalSymbol && symbol.DeclaringSyntaxReferences.Any(reference => loop.Span.Contains(reference.Span)));
    }
}
