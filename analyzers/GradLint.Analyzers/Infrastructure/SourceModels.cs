using System.Collections.Concurrent;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Infrastructure;

/// <summary>
/// The meaning of any code of a compilation, wherever it is written: a model and its training loop are spread over methods,
/// classes and files. One semantic model per file, made once.
/// </summary>
internal sealed class SourceModels
{
    private static readonly ConditionalWeakTable<Compilation, SourceModels> s_ofCompilation = new();

    private readonly Compilation _compilation;
    private readonly ConcurrentDictionary<SyntaxTree, SemanticModel> _models = new();

    private SourceModels(Compilation compilation)
    {
        _compilation = compilation;
        Names = ProjectNames.Of(compilation);
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            ModelOf(tree);
        }
    }

    public static SourceModels Of(Compilation compilation) => s_ofCompilation.GetValue(compilation, static key => new SourceModels(key));

    /// <summary>What the code calls and declares, by name alone.</summary>
    public ProjectNames Names { get; }

    /// <summary>Whether the node is part of this compilation; the source of a referenced project is not.</summary>
    public bool Contain(SyntaxNode node) => _compilation.ContainsSyntaxTree(node.SyntaxTree);

    /// <summary>Null also in a member that nests too deep for its operations to be made.</summary>
    public IOperation? OperationAt(SyntaxNode node, CancellationToken cancellation) =>
        Contain(node) && !NestsTooDeep(node, cancellation) ? ModelOf(node.SyntaxTree).GetOperation(node, cancellation) : null;

    public static bool NestsTooDeep(SyntaxNode node, CancellationToken cancellation) => FileNames.Of(node.SyntaxTree, cancellation).NestsTooDeep(node);

    /// <summary>The symbol that the node declares, or else the one that it refers to.</summary>
    public ISymbol? SymbolAt(SyntaxNode node, CancellationToken cancellation)
    {
        if (!Contain(node))
        {
            return null;
        }

        SemanticModel model = ModelOf(node.SyntaxTree);
        return model.GetDeclaredSymbol(node, cancellation) ?? model.GetSymbolInfo(node, cancellation).Symbol;
    }

    public ITypeSymbol? TypeAt(SyntaxNode expression, CancellationToken cancellation) =>
        Contain(expression) ? ModelOf(expression.SyntaxTree).GetTypeInfo(expression, cancellation).Type : null;

    /// <summary>Whether code at the position can name the symbol simply by its name.</summary>
    public bool IsVisible(ISymbol symbol, SyntaxNode position) =>
        Contain(position) && ModelOf(position.SyntaxTree).LookupSymbols(position.SpanStart, name: symbol.Name).Contains(symbol, SymbolEqualityComparer.Default);

    // The rule against this wants analyzers to take the model that they are given; it covers one file only. This is the one place that asks for others.
#pragma warning disable RS1030
    private SemanticModel ModelOf(SyntaxTree tree) => _models.GetOrAdd(tree, key => _compilation.GetSemanticModel(key));
#pragma warning restore RS1030
}
