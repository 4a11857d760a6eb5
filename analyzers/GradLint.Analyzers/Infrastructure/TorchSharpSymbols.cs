using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace GradLint.Infrastructure;

/// <summary>TorchSharp as one compilation sees it. Rules compare symbols with these, never names alone.</summary>
internal sealed class TorchSharpSymbols
{
    private static readonly ConditionalWeakTable<Compilation, StrongBox<TorchSharpSymbols?>> s_ofCompilation = new();
    private static readonly Version s_firstUnknown = new(0, 107, 1);

    private TorchSharpSymbols(Compilation compilation, INamedTypeSymbol tensor)
    {
        // A compilation looks through all that it references; the assembly is known by now.
        IAssemblySymbol torchSharp = tensor.ContainingAssembly;
        Tensor = tensor;
        Torch = torchSharp.GetTypeByMetadataName(TorchSharpNames.Torch);
        Nn = torchSharp.GetTypeByMetadataName(TorchSharpNames.Nn);
        Functional = torchSharp.GetTypeByMetadataName(TorchSharpNames.Functional);
        Init = torchSharp.GetTypeByMetadataName(TorchSharpNames.Init);
        Utils = torchSharp.GetTypeByMetadataName(TorchSharpNames.Utils);
        Module = torchSharp.GetTypeByMetadataName(TorchSharpNames.Module);
        Autograd = torchSharp.GetTypeByMetadataName(TorchSharpNames.Autograd);
        Optim = torchSharp.GetTypeByMetadataName(TorchSharpNames.Optim);
        Schedulers = torchSharp.GetTypeByMetadataName(TorchSharpNames.Schedulers);
        Scheduler = torchSharp.GetTypeByMetadataName(TorchSharpNames.Scheduler);
        RateController = torchSharp.GetTypeByMetadataName(TorchSharpNames.RateController);
        Optimizer = torchSharp.GetTypeByMetadataName(TorchSharpNames.Optimizer);
        Parameter = torchSharp.GetTypeByMetadataName(TorchSharpNames.Parameter);
        OptimizerOptions = torchSharp.GetTypeByMetadataName(TorchSharpNames.OptimizerOptions);
        ParamGroup = torchSharp.GetTypeByMetadataName(TorchSharpNames.ParamGroup);
        Sequential = torchSharp.GetTypeByMetadataName(TorchSharpNames.Sequential);
        GradientGuard = compilation.GetTypeByMetadataName(GradLintNames.GradientGuard) is { } guard
            && guard.ContainingAssembly.Name == GradLintNames.Assembly
                ? guard
                : null;
    }

    public INamedTypeSymbol Tensor { get; }

    public INamedTypeSymbol? Torch { get; }

    public INamedTypeSymbol? Nn { get; }

    public INamedTypeSymbol? Functional { get; }

    public INamedTypeSymbol? Init { get; }

    public INamedTypeSymbol? Utils { get; }

    public INamedTypeSymbol? Module { get; }

    public INamedTypeSymbol? Autograd { get; }

    public INamedTypeSymbol? Optim { get; }

    public INamedTypeSymbol? Schedulers { get; }

    public INamedTypeSymbol? Scheduler { get; }

    public INamedTypeSymbol? RateController { get; }

    public INamedTypeSymbol? Optimizer { get; }

    public INamedTypeSymbol? Parameter { get; }

    public INamedTypeSymbol? OptimizerOptions { get; }

    public INamedTypeSymbol? ParamGroup { get; }

    public INamedTypeSymbol? Sequential { get; }

    /// <summary>GradLint's own runtime, where the compilation references it.</summary>
    public INamedTypeSymbol? GradientGuard { get; }

    /// <summary>The version of the referenced TorchSharp: some of its defects come and go.</summary>
    public Version Version => Tensor.ContainingAssembly.Identity.Version;

    /// <summary>
    /// Whether this is a version that is known to have the defects of the rules GL5xxx. They were seen by running 0.107.0, and the code behind them is older; a later
    /// version may have mended them.
    /// </summary>
    public bool HasDefects => Version < s_firstUnknown;

    /// <summary>Null where the compilation does not reference TorchSharp: no rule has anything to do there. All rules share one instance.</summary>
    public static TorchSharpSymbols? TryCreate(Compilation compilation) =>
        s_ofCompilation.GetValue(compilation, static key => new StrongBox<TorchSharpSymbols?>(Find(key))).Value;

    private static TorchSharpSymbols? Find(Compilation compilation) =>
        compilation.GetTypeByMetadataName(TorchSharpNames.Tensor) is { } tensor && tensor.ContainingAssembly.Name == TorchSharpNames.Assembly
            ? new TorchSharpSymbols(compilation, tensor)
            : null;

    /// <summary>Whether TorchSharp itself declares the symbol.</summary>
    public bool Declares(ISymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, Tensor.ContainingAssembly);

    public bool IsTensor(ITypeSymbol? type) => IsOrDerivesFrom(type, Tensor);

    public bool IsModule(ITypeSymbol? type) => IsOrDerivesFrom(type, Module);

    public bool IsOptimizer(ITypeSymbol? type) => IsOrDerivesFrom(type, Optimizer);

    /// <summary>Whether the method is a static or instance method of exactly that type and name, overloads alike.</summary>
    public static bool IsMethodOf(IMethodSymbol method, INamedTypeSymbol? type, string name) =>
        method.Name == name && IsMemberOf(method, type);

    public static bool IsMethodOf(IMethodSymbol method, INamedTypeSymbol? type, ICollection<string> names) =>
        names.Contains(method.Name) && IsMemberOf(method, type);

    public static bool IsMemberOf(IMethodSymbol method, INamedTypeSymbol? type) =>
        type is not null && SymbolEqualityComparer.Default.Equals(method.ContainingType?.OriginalDefinition, type);

    /// <summary>Whether the type is, derives from, or is a collection or tuple of, the other.</summary>
    public static bool Mentions(ITypeSymbol? type, INamedTypeSymbol? wanted) => Mentions(type, wanted, MostNestedTypes);

    /// <summary>Types can be nested without end: <c>where T : IComparable&lt;T&gt;</c>.</summary>
    private const int MostNestedTypes = 8;

    private static bool Mentions(ITypeSymbol? type, INamedTypeSymbol? wanted, int depth) => type switch
    {
        _ when depth == 0 => false,
        IArrayTypeSymbol array => Mentions(array.ElementType, wanted, depth - 1),
        INamedTypeSymbol named => IsOrDerivesFrom(named, wanted) || AnyMentions(named.TypeArguments, wanted, depth - 1),
        ITypeParameterSymbol parameter => AnyMentions(parameter.ConstraintTypes, wanted, depth - 1),
        _ => false,
    };

    private static bool AnyMentions(ImmutableArray<ITypeSymbol> types, INamedTypeSymbol? wanted, int depth)
    {
        foreach (ITypeSymbol type in types)
        {
            if (Mentions(type, wanted, depth))
            {
                return true;
            }
        }

        return false;
    }

    public static bool IsOrDerivesFrom(ITypeSymbol? type, INamedTypeSymbol? ancestor)
    {
        if (ancestor is null)
        {
            return false;
        }

        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, ancestor))
            {
                return true;
            }
        }

        return false;
    }
}
