using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.CodeFixes.Rules;

/// <summary>Puts norms behind or in front of layers, wherever the code has put these: all of them, or none where one stands in code of another shape.</summary>
internal static class NormInsertion
{
    public static IReadOnlyList<TextChange>? Around(IEnumerable<Location> layers, bool after, SyntaxNode root, SemanticModel model)
    {
        var changes = new List<TextChange>();
        foreach (Location layer in layers)
        {
            if (layer.SourceTree != root.SyntaxTree
                || root.FindNode(layer.SourceSpan, getInnermostNodeForTie: true) is not InvocationExpressionSyntax creation
                || NormFactory.For(creation, after, model) is not { } norm
                || Around(creation, norm, after, model) is not { } here)
            {
                return null;
            }

            changes.AddRange(here);
        }

        return changes.Count > 0 ? changes : null;
    }

    private static IEnumerable<TextChange>? Around(InvocationExpressionSyntax creation, NormFactory norm, bool after, SemanticModel model)
    {
        if (SequentialItem.Find(creation, model) is { } item)
        {
            return One(item.With(norm.Creation, after));
        }

        // 'var layer = Linear(64, 64); ...; layers.append(layer);'
        if (creation is { Parent: EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax { Parent.Parent: LocalDeclarationStatementSyntax } variable } }
            && model.GetDeclaredSymbol(variable) is { } local)
        {
            return One(UseInSequential(local, variable, model)?.With(norm.Creation, after));
        }

        return LayerField.Holding(creation, model) is not { } field ? null
            : UseInSequential(field.Symbol, field.Type, model) is { } use ? One(use.With(norm.Creation, after))
            : field.WithNorm(norm, after);
    }

    private static IReadOnlyList<TextChange>? One(TextChange? change) => change is { } one ? [one] : null;

    /// <summary>The one place where a variable or field is put into a Sequential; null if it is none, or if there are several.</summary>
    private static SequentialItem? UseInSequential(ISymbol layer, SyntaxNode around, SemanticModel model)
    {
        SyntaxNode scope = around as TypeDeclarationSyntax ?? around.Ancestors().First(node => node is BlockSyntax or CompilationUnitSyntax or MemberDeclarationSyntax);
        SequentialItem[] items = [.. References.To(layer, scope, model).Select(name => SequentialItem.Find(name, model)).OfType<SequentialItem>()];
        return items.Length == 1 ? items[0] : null;
    }
}

/// <summary>Where code names a symbol.</summary>
internal static class References
{
    public static IEnumerable<ExpressionSyntax> To(ISymbol symbol, SyntaxNode scope, SemanticModel model) => scope.DescendantNodes()
        .OfType<IdentifierNameSyntax>()
        .Where(name => name.Identifier.ValueText == symbol.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol, symbol))
        .Select(name => name.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } access && access.Name == name ? access : (ExpressionSyntax)name);
}
