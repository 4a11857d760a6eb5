using System.Collections.Generic;
using System.Composition;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.CodeFixes.TrainingLoops;
using GradLint.Infrastructure;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace GradLint.CodeFixes.Rules;

/// <summary>Writes the optimizer's usual learning rate where the number is written.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL3001LearningRateTooHighCodeFix() : TorchSharpCodeFixProvider(RuleIds.LearningRateTooHigh)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null
            || model is null
            || diagnostic.AdditionalLocations.Count == 0
            || diagnostic.Properties[GL3001Facts.UsualRate] is not { } rate
            || (FindRate(root, diagnostic.AdditionalLocations[0], model) ?? FindRate(root, diagnostic.Location, model: null)) is not { } written)
        {
            return [];
        }

        string title = $"Use a learning rate of {rate}";
        if (diagnostic.Properties[GL3001Facts.MissingArgument] is not { } parameter)
        {
            return [new DocumentFix(title, RuleIds.LearningRateTooHigh, editor => Replace(editor, written, Literal(rate, written)))];
        }

        return ArgumentEdits.ArgumentsOf(written) is { } arguments
            ? [new DocumentFix(title, RuleIds.LearningRateTooHigh, editor => editor.AddNamed(arguments, parameter, rate))]
            : [];
    }

    /// <summary>The code that fixes the rate; a variable of a whole number (asked for with a model) cannot take the usual one.</summary>
    private static ExpressionSyntax? FindRate(SyntaxNode root, Location location, SemanticModel? model) =>
        root.FindNode(location.SourceSpan, getInnermostNodeForTie: true) is ExpressionSyntax written
        && model?.GetTypeInfo(written).ConvertedType?.SpecialType is not (SpecialType.System_Int32 or SpecialType.System_Int64)
            ? written
            : null;

    /// <summary>Several optimizers may share the number, so it may be replaced more than once.</summary>
    private static void Replace(DocumentEditor editor, SyntaxNode old, SyntaxNode replacement) =>
        editor.ReplaceNode(old, (current, _) => current.CopyAnnotationsTo(replacement)!);

    /// <summary>The rate as a literal of the type that the old one had.</summary>
    private static ExpressionSyntax Literal(string rate, ExpressionSyntax written)
    {
        string suffix = written is LiteralExpressionSyntax literal && literal.Token.Value is float ? "f" : string.Empty;
        return SyntaxFactory.ParseExpression(rate + suffix).WithTriviaFrom(written);
    }
}
