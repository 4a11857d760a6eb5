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

/// <summary>Names the number momentum; where the norm has none, sets the usual epsilon.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class GL4008EpsilonMistakenForMomentumCodeFix() : TorchSharpCodeFixProvider(RuleIds.EpsilonMistakenForMomentum)
{
    private const string UsualEpsilon = "1e-5";

    private protected override async Task<IReadOnlyList<DocumentFix>> FindFixesAsync(
        Document document, Diagnostic diagnostic, CancellationToken cancellation)
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(cancellation).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(cancellation).ConfigureAwait(false);
        if (root is null
            || model is null
            || root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<ArgumentSyntax>() is not { Parent: ArgumentListSyntax { Parent: InvocationExpressionSyntax call } list } epsilon
            || model.GetSymbolInfo(call, cancellation).Symbol is not IMethodSymbol norm)
        {
            return [];
        }

        return IsMomentum(epsilon, model) && CanTakeMomentum(norm, list, epsilon)
            ? [new DocumentFix("Name it momentum", RuleIds.EpsilonMistakenForMomentum, editor => editor.ReplaceNode(list, WithMomentum(norm, list, epsilon)))]
            : [new DocumentFix($"Use an epsilon of {UsualEpsilon}", RuleIds.EpsilonMistakenForMomentum, editor => editor.ReplaceNode(
                epsilon.Expression, SyntaxFactory.ParseExpression(UsualEpsilon).WithTriviaFrom(epsilon.Expression)))];
    }

    private static bool IsMomentum(ArgumentSyntax epsilon, SemanticModel model) =>
        model.GetConstantValue(epsilon.Expression) is not { HasValue: true, Value: var value } || System.Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture) <= 1;

    private static bool CanTakeMomentum(IMethodSymbol norm, ArgumentListSyntax list, ArgumentSyntax epsilon)
    {
        bool takesOne = false;
        foreach (IParameterSymbol parameter in norm.Parameters)
        {
            takesOne |= parameter.Name == "momentum";
        }

        foreach (ArgumentSyntax argument in list.Arguments)
        {
            takesOne &= argument == epsilon || argument.NameColon?.Name.Identifier.ValueText is not ("momentum" or "eps");
        }

        return takesOne;
    }

    /// <summary>What stood where the momentum belongs was the epsilon; what comes after it needs its name from now on.</summary>
    private static ArgumentListSyntax WithMomentum(IMethodSymbol norm, ArgumentListSyntax list, ArgumentSyntax epsilon)
    {
        SeparatedSyntaxList<ArgumentSyntax> arguments = list.Arguments;
        int first = arguments.IndexOf(epsilon);
        for (int i = first; i < arguments.Count; i++)
        {
            if (i == first)
            {
                arguments = arguments.Replace(arguments[i], Named("momentum", arguments[i]));
            }
            else if (arguments[i].NameColon is null)
            {
                string parameter = norm.Parameters[i].Name;
                arguments = arguments.Replace(arguments[i], Named(parameter == "momentum" ? "eps" : parameter, arguments[i]));
            }
        }

        return list.WithArguments(arguments);
    }

    private static ArgumentSyntax Named(string name, ArgumentSyntax argument) =>
        SyntaxFactory.Argument(SyntaxFactory.NameColon(name).WithTrailingTrivia(SyntaxFactory.Space), argument.RefKindKeyword, argument.Expression.WithoutTrivia()).WithTriviaFrom(argument);
}
