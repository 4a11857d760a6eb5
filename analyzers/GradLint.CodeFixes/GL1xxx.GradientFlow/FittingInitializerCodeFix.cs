using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Replaces an initializer by the one that fits the activation behind the layer.</summary>
public abstract class FittingInitializerCodeFix : TorchSharpCodeFixProvider
{
    private readonly string _ruleId;

    private protected FittingInitializerCodeFix(string ruleId)
        : base(ruleId) => _ruleId = ruleId;

    private protected sealed override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);

        // The network may be named where it is created; the call can be repaired if it is in the same file.
        if (root is null || model is null
            || diagnostic.AdditionalLocations is not [var place, ..]
            || place.SourceTree != root.SyntaxTree
            || root.FindNode(place.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax call
            || model.GetSymbolInfo(call, cancellation).Symbol is not IMethodSymbol method
            || Replacement(call, method, diagnostic, model) is not { } fitting)
        {
            return [];
        }

        return [new DocumentFix("Use an initializer that fits the activation", _ruleId + "_FittingInitializer", [new TextChange(call.Span, fitting)])];
    }

    private static string? Replacement(InvocationExpressionSyntax call, IMethodSymbol method, Diagnostic diagnostic, SemanticModel model)
    {
        bool isOfInit = SymbolEqualityComparer.Default.Equals(method.ContainingType, model.Compilation.GetTypeByMetadataName(TorchSharpNames.Init));
        return (isOfInit, call.Expression) switch
        {
            (true, MemberAccessExpressionSyntax access) when WeightIn(call) is { } weight =>
                InitializerSyntax.Call(diagnostic.Properties, access.ToString().Substring(0, access.ToString().Length - access.Name.ToString().Length), weight),
            (true, IdentifierNameSyntax) when WeightIn(call) is { } weight => InitializerSyntax.Call(diagnostic.Properties, "", weight),

            // 'fc.weight.normal_(0, 1)' has the weight in front, not in the arguments.
            (false, MemberAccessExpressionSyntax access) => InitializerSyntax.Call(
                diagnostic.Properties, ShortName.OfInit(call.SpanStart, model) + ".", access.Expression.ToString()),
            _ => null,
        };
    }

    private static string? WeightIn(InvocationExpressionSyntax call) =>
        call.ArgumentList.Arguments.FirstOrDefault(argument => argument.NameColon?.Name.Identifier.ValueText is null or "tensor")?.Expression.ToString();
}
