using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>The networks of one compilation, each interpreted once, when the first rule asks for it.</summary>
internal sealed class NetworkModels
{
    private static readonly ConditionalWeakTable<Compilation, NetworkModels> s_ofCompilation = new();

    private readonly TorchSharpSymbols _torchSharp;
    private readonly ModuleReader _reader;
    private readonly Memo<ISymbol, NetworkModel?> _classes = new(SymbolEqualityComparer.Default);
    private readonly Memo<ISymbol, NetworkModel> _created = new(SymbolEqualityComparer.Default);
    private readonly Memo<SyntaxNode, ImmutableArray<NetworkModel>> _bodies = new(EqualityComparer<SyntaxNode>.Default);

    private NetworkModels(Compilation compilation, TorchSharpSymbols torchSharp)
    {
        _torchSharp = torchSharp;
        _reader = new ModuleReader(SourceModels.Of(compilation), torchSharp);
    }

    /// <summary>All rules of a compilation share one instance, and so each other's work.</summary>
    public static NetworkModels Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, key => new NetworkModels(key, torchSharp));

    /// <summary>
    /// The network of a module class, built with the default arguments of its constructor (others are unknown);
    /// null for a class that is no network of its own.
    /// </summary>
    public NetworkModel? OfClass(INamedTypeSymbol type, CancellationToken cancellation) => IsNetwork(type)
        ? _classes.Get(type, () => _reader.OfClass(type, cancellation) is { Module: { } module } reading ? reading.Model(type.Name, module, cancellation) : null)
        : null;

    /// <summary>
    /// The network of a module class, with the arguments of some place that creates it where the class alone does not tell all of it: a block of a
    /// larger network, or a class whose depth or widths are parameters.
    /// </summary>
    public NetworkModel? AsCreated(INamedTypeSymbol type, CancellationToken cancellation)
    {
        NetworkModel? alone = OfClass(type, cancellation);
        return alone is null or { IsWhole: true, KnowsWidths: true } ? alone : _created.Get(type, () => FindCreated(type, alone, cancellation));
    }

    /// <summary>
    /// The networks that a body builds from TorchSharp's own modules, such as a <c>Sequential</c> held by a variable, in the state
    /// that the body leaves them in; modules inside others are not told on their own.
    /// </summary>
    public ImmutableArray<NetworkModel> BuiltIn(IOperation body, CancellationToken cancellation) => _bodies.Get(body.Syntax, () => ReadBody(body, cancellation));

    /// <summary>
    /// All networks that a file declares or builds: its module classes, and what its other code creates, named after the variable, field or method
    /// that holds it.
    /// </summary>
    public IEnumerable<NetworkModel> In(SyntaxTree tree, CancellationToken cancellation)
    {
        foreach (SyntaxNode node in tree.GetRoot(cancellation).DescendantNodesAndSelf())
        {
            if (node is TypeDeclarationSyntax declaration)
            {
                if (_reader.SymbolOf(declaration, cancellation) is INamedTypeSymbol type && AsCreated(type, cancellation) is { } model)
                {
                    yield return model;
                }
            }
            else if (IsBody(node) && _reader.OperationOf(node, cancellation) is { Parent: null } body && !BelongsToModule(node, cancellation))
            {
                foreach (NetworkModel model in BuiltIn(body, cancellation).Where(model => node.Contains(model.Root.CreatedAt)))
                {
                    yield return model;
                }
            }
        }
    }

    /// <summary>The network that an expression denotes: a variable, field, parameter or creation. Null when that is not known.</summary>
    public NetworkModel? Find(IOperation module, CancellationToken cancellation)
    {
        IOperation expression = module is IConversionOperation { Operand: var operand } ? operand : module;
        NetworkModel? ofType = expression.Type is INamedTypeSymbol type ? OfClass(type, cancellation) ?? OfLayer(type, expression.Syntax, cancellation) : null;
        if (expression is IObjectCreationOperation)
        {
            return FindBuilt(expression, cancellation) ?? ofType;
        }

        ISymbol? holder = expression switch
        {
            ILocalReferenceOperation local => local.Local,
            IFieldReferenceOperation field => field.Field,
            IPropertyReferenceOperation property => property.Property,
            _ => null,
        };
        if (holder is null)
        {
            return ofType;
        }

        SyntaxNode? initializer = InitializerOf(holder, cancellation);
        if (initializer is null || _reader.OperationOf(initializer, cancellation) is not { } created)
        {
            return ofType;
        }

        // What an instance was created with says more than the class alone.
        return FindBuilt(created, cancellation) ?? (created.Type is INamedTypeSymbol createdType ? OfClass(createdType, cancellation) : null) ?? ofType;
    }

    /// <summary>The network whose outermost module an expression creates.</summary>
    public NetworkModel? FindBuilt(IOperation creation, CancellationToken cancellation)
    {
        IOperation created = creation is IConversionOperation { Operand: var operand } ? operand : creation;
        return BuiltIn(created.Root(), cancellation).FirstOrDefault(model => model.Root.CreatedAt == created.Syntax);
    }

    private bool IsNetwork(INamedTypeSymbol type) =>
        _torchSharp.IsModule(type) && !_torchSharp.Declares(type) && !type.IsAbstract && Interpreter.ForwardOf(type) is not null;

    /// <summary>A single layer of TorchSharp that is trained on its own, such as an LSTM.</summary>
    private NetworkModel? OfLayer(INamedTypeSymbol type, SyntaxNode expression, CancellationToken cancellation) =>
        _torchSharp.IsModule(type) && _torchSharp.Declares(type) && !type.IsAbstract && !SymbolEqualityComparer.Default.Equals(type, _torchSharp.Sequential)
            && !SymbolEqualityComparer.Default.Equals(type, _torchSharp.Module)
            ? _reader.Fresh(cancellation).Model(type.Name, new OpaqueModule(type, expression, $"'{type.Name}' is not modelled"), cancellation)
            : null;

    private static SyntaxNode? InitializerOf(ISymbol holder, CancellationToken cancellation) =>
        holder.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) switch
        {
            VariableDeclaratorSyntax variable => variable.Initializer?.Value,
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            _ => null,
        };

    /// <summary>The first that is whole and knows its widths; else one that is whole; else the one of which most is understood.</summary>
    private NetworkModel FindCreated(INamedTypeSymbol type, NetworkModel alone, CancellationToken cancellation)
    {
        NetworkModel best = alone;
        foreach (Reading reading in _reader.CreatorsOf(type, cancellation))
        {
            foreach (ClassModule instance in reading.InstancesOf(type).Take(ModelingLimits.Instances))
            {
                NetworkModel model = reading.Model(type.Name, instance, cancellation);
                if (model is { IsWhole: true, KnowsWidths: true })
                {
                    return model;
                }

                best = best.IsWhole ? best : model.IsWhole || best.Gap is not null || model.WeightLayerCount > best.WeightLayerCount ? model : best;
            }
        }

        return best;
    }

    private ImmutableArray<NetworkModel> ReadBody(IOperation body, CancellationToken cancellation)
    {
        if (_reader.OfBody(body, cancellation) is not { } reading)
        {
            return ImmutableArray<NetworkModel>.Empty;
        }

        List<ModuleValue> created = reading.Interpreter.Created;
        var inside = new HashSet<ModuleValue>(created.SelectMany(module => module.SelfAndDescendants().Skip(1)));
        return created
            .Where(module => module is SequentialModule or ClassModule { ConstructorArguments.Count: > 0 } && !inside.Contains(module))
            .Select(module => reading.Model(module is ClassModule ? module.Type!.Name : HolderOf(module.CreatedAt), module, cancellation))
            .ToImmutableArray();
    }

    private static bool IsBody(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or CompilationUnitSyntax or AccessorDeclarationSyntax or ArrowExpressionClauseSyntax { Parent: PropertyDeclarationSyntax }
        || (node is EqualsValueClauseSyntax && node.Parent is PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax });

    /// <summary>What a module class creates in its own instances is part of it; its static factories are not.</summary>
    private bool BelongsToModule(SyntaxNode body, CancellationToken cancellation) =>
        body.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } type && _torchSharp.IsModule(_reader.SymbolOf(type, cancellation) as ITypeSymbol)
        && !ModuleReader.IsStatic(body);

    /// <summary>What the user calls a module that is no class: the variable, property or method that holds it.</summary>
    private static string HolderOf(SyntaxNode creation)
    {
        foreach (SyntaxNode ancestor in creation.Ancestors())
        {
            switch (ancestor)
            {
                case VariableDeclaratorSyntax variable:
                    return variable.Identifier.ValueText;
                case AssignmentExpressionSyntax assignment:
                    return assignment.Left.ToString();
                case PropertyDeclarationSyntax property:
                    return property.Identifier.ValueText;
                case MethodDeclarationSyntax method:
                    return method.Identifier.ValueText;
                case LocalFunctionStatementSyntax function:
                    return function.Identifier.ValueText;
            }
        }

        return "Sequential";
    }
}
