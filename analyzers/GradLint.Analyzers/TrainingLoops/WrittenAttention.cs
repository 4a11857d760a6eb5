using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.TrainingLoops;

/// <summary>
/// Finds attention that is written out by hand, in a module class or in those that its fields are declared with: a method that takes the softmax of a product of two tensors and multiplies what
/// comes out. It is looked for where a network cannot be followed through its code, such as one whose configuration comes from outside.
/// </summary>
internal sealed class WrittenAttention(TorchSharpSymbols torchSharp, SourceModels source)
{
    private const int MostClasses = 32;

    private static readonly ImmutableHashSet<string> s_products = ImmutableHashSet.Create("matmul", "bmm", "einsum");

    public bool IsIn(INamedTypeSymbol type, CancellationToken cancellation)
    {
        var seen = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        var open = new Queue<INamedTypeSymbol>([type]);
        while (open.Count > 0 && seen.Count < MostClasses)
        {
            INamedTypeSymbol current = open.Dequeue();
            if (current.DeclaringSyntaxReferences.IsEmpty || !seen.Add(current.OriginalDefinition))
            {
                continue;
            }

            if (current.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax(cancellation)).Where(source.Contain).Any(Attends))
            {
                return true;
            }

            foreach (INamedTypeSymbol part in current.GetMembers().OfType<IFieldSymbol>().SelectMany(field => ModulesIn(field.Type)))
            {
                open.Enqueue(part);
            }
        }

        return false;
    }

    /// <summary>The type itself, or what a list of modules holds.</summary>
    private IEnumerable<INamedTypeSymbol> ModulesIn(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { ElementType: INamedTypeSymbol element } => [element],
        INamedTypeSymbol { TypeArguments.IsEmpty: false } list when torchSharp.Declares(list) || !torchSharp.IsModule(list) => list.TypeArguments.OfType<INamedTypeSymbol>(),
        INamedTypeSymbol named when torchSharp.IsModule(named) => [named],
        _ => [],
    };

    private static bool Attends(SyntaxNode type) => type.ChildNodes().OfType<MethodDeclarationSyntax>().Any(method =>
    {
        string[] calls = [.. method.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .OrderBy(call => call.Span.End)
            .Select(call => FileNames.NameOf(call.Expression))
            .OfType<string>()];
        int softmax = System.Array.IndexOf(calls, "softmax");
        return calls.Contains("scaled_dot_product_attention") || (softmax >= 0 && calls.Take(softmax).Any(s_products.Contains) && calls.Skip(softmax).Any(s_products.Contains));
    });
}
