using System;
using System.Collections.Concurrent;
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
    private readonly DeclaredBodies _bodies;
    private readonly ConcurrentDictionary<ISymbol, NetworkModel?> _classes = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<SyntaxNode, ImmutableArray<NetworkModel>> _expressions = new();

    private NetworkModels(Compilation compilation, TorchSharpSymbols torchSharp)
    {
        _torchSharp = torchSharp;
        _bodies = new DeclaredBodies(SourceModels.Of(compilation));
    }

    /// <summary>All rules of a compilation share one instance, and so each other's work.</summary>
    public static NetworkModels Of(Compilation compilation, TorchSharpSymbols torchSharp) =>
        s_ofCompilation.GetValue(compilation, key => new NetworkModels(key, torchSharp));

    /// <summary>
    /// The network of a module class, built with the default arguments of its constructor (others are unknown);
    /// null for a class that is no network of its own.
    /// </summary>
    public NetworkModel? OfClass(INamedTypeSymbol type, CancellationToken cancellation)
    {
        if (!_torchSharp.IsModule(type) || _torchSharp.Declares(type) || type.IsAbstract || Interpreter.ForwardOf(type) is null)
        {
            return null;
        }

        if (!_classes.TryGetValue(type, out NetworkModel? model))
        {
            model = _classes.GetOrAdd(type, ReadClass(type, cancellation));
        }

        return model;
    }

    /// <summary>
    /// The networks that a body builds from TorchSharp's own modules, such as a <c>Sequential</c> held by a variable, in the state
    /// that the body leaves them in; modules inside others are not told on their own.
    /// </summary>
    public ImmutableArray<NetworkModel> BuiltIn(IOperation body, CancellationToken cancellation)
    {
        if (!_expressions.TryGetValue(body.Syntax, out ImmutableArray<NetworkModel> models))
        {
            models = _expressions.GetOrAdd(body.Syntax, ReadBody(body, cancellation));
        }

        return models.IsDefault ? ImmutableArray<NetworkModel>.Empty : models;
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
        if (initializer is null || _bodies.OperationOf(initializer, cancellation) is not { } created)
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
        return BuiltIn(RootOf(created), cancellation).FirstOrDefault(model => model.Root.CreatedAt == created.Syntax);
    }

    /// <summary>A single layer of TorchSharp that is trained on its own, such as an LSTM.</summary>
    private NetworkModel? OfLayer(INamedTypeSymbol type, SyntaxNode expression, CancellationToken cancellation) =>
        _torchSharp.IsModule(type) && _torchSharp.Declares(type) && !type.IsAbstract && !SymbolEqualityComparer.Default.Equals(type, _torchSharp.Sequential)
            && !SymbolEqualityComparer.Default.Equals(type, _torchSharp.Module)
            ? NetworkModel.Create(type.Name, new OpaqueModule(type, expression, $"'{type.Name}' is not modelled"), new Interpreter(_torchSharp, _bodies, cancellation))
            : null;

    private static SyntaxNode? InitializerOf(ISymbol holder, CancellationToken cancellation) =>
        holder.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation) switch
        {
            VariableDeclaratorSyntax variable => variable.Initializer?.Value,
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            _ => null,
        };

    private static IOperation RootOf(IOperation operation)
    {
        IOperation root = operation;
        while (root.Parent is { } parent)
        {
            root = parent;
        }

        return root;
    }

    private NetworkModel? ReadClass(INamedTypeSymbol type, CancellationToken cancellation) => Guarded(() =>
    {
        IMethodSymbol? constructor = type.InstanceConstructors.OrderByDescending(candidate => candidate.Parameters.Length).FirstOrDefault();
        SyntaxNode? declaration = type.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellation);
        if (constructor is null || declaration is null)
        {
            return null;
        }

        var interpreter = new Interpreter(_torchSharp, _bodies, cancellation);
        var noArguments = ImmutableDictionary<ISymbol, Value>.Empty;
        return interpreter.Instantiate(type, constructor, noArguments, declaration) is ModuleValue module
            ? NetworkModel.Create(type.Name, module, interpreter)
            : null;
    });

    private ImmutableArray<NetworkModel> ReadBody(IOperation body, CancellationToken cancellation) => Guarded(() =>
    {
        var interpreter = new Interpreter(_torchSharp, _bodies, cancellation);
        interpreter.Explore(body);
        var inside = new HashSet<ModuleValue>(interpreter.Created.SelectMany(module => module.SelfAndDescendants().Skip(1)));
        return interpreter.Created
            .Where(module => module is SequentialModule or ClassModule { ConstructorArguments.Count: > 0 } && !inside.Contains(module))
            .Select(module => NetworkModel.Create(module is ClassModule ? module.Type!.Name : HolderOf(module.CreatedAt), module, interpreter))
            .ToImmutableArray();
    });

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

    /// <summary>Expressions nested so deeply that they would overflow the stack are not read; the compiler does not take many more.</summary>
    private static T? Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InsufficientExecutionStackException)
        {
            return default;
        }
    }
}
