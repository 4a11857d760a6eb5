using System.Collections.Generic;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using GradLint.Rules;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Draws recurrent weights as orthogonal matrices; where the call draws the biases as well, these stay as they are.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL1010RecurrentInitializationUnstableCodeFix() : TorchSharpCodeFixProvider(RuleIds.RecurrentInitializationUnstable)
{
    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        return root is not null && model is not null
            && diagnostic.AdditionalLocations is [var place, ..]
            && place.SourceTree == root.SyntaxTree
            && root.FindNode(place.SourceSpan, getInnermostNodeForTie: true) is InvocationExpressionSyntax call
            && WeightIn(call, model, cancellation) is { } weight
            && Change(call, $"{ShortName.OfInit(call.SpanStart, model)}.orthogonal_({weight})", weight, diagnostic.Properties.ContainsKey(GL1010RecurrentInitializationUnstableAnalyzer.FillsBiasesKey)) is { } change
                ? [new DocumentFix("Draw the recurrent weights as orthogonal matrices", "GL1010_Orthogonal", [change])]
                : [];
    }

    /// <summary>The tensor that is given to <c>init.normal_(p)</c>, or the one in front of <c>p.normal_()</c>.</summary>
    private static ExpressionSyntax? WeightIn(InvocationExpressionSyntax call, SemanticModel model, CancellationToken cancellation) =>
        model.GetSymbolInfo(call, cancellation).Symbol is not IMethodSymbol method ? null
        : SymbolEqualityComparer.Default.Equals(method.ContainingType, model.Compilation.GetTypeByMetadataName(TorchSharpNames.Init))
            ? call.ArgumentList.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.ValueText is null or "tensor")?.Expression
        : (call.Expression as MemberAccessExpressionSyntax)?.Expression;

    private static TextChange? Change(InvocationExpressionSyntax call, string orthogonal, ExpressionSyntax weight, bool fillsBiases) => (fillsBiases, call.Parent) switch
    {
        (false, _) => new TextChange(call.Span, orthogonal),
        (true, ExpressionStatementSyntax { Parent: BlockSyntax or GlobalStatementSyntax } statement) => Choice(statement, $"if ({weight}.dim() > 1)\n{{\n    {orthogonal};\n}}\nelse\n{{\n    {call};\n}}"),
        (true, ExpressionStatementSyntax statement) => new TextChange(statement.Span, $"{{ if ({weight}.dim() > 1) {orthogonal}; else {call}; }}"),
        _ => null,
    };

    private static TextChange Choice(ExpressionStatementSyntax statement, string lines) =>
        new(statement.Span, lines.Replace("\n", WrittenLines.LineEndOf(statement) + WrittenLines.IndentationOf(statement)));
}
