using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Creating instances: modules, and the plain objects that describe them.</content>
internal sealed partial class Interpreter
{
    /// <summary>The objects whose initializers are being read: in <c>new() { A = 1 }</c>, A is a member of the innermost.</summary>
    private readonly Stack<Value> _initialized = new();

    public override Value VisitObjectCreation(IObjectCreationOperation operation, Frame argument)
    {
        if (operation.Type is not INamedTypeSymbol type || operation.Constructor is not { } constructor)
        {
            return NotUnderstood(operation);
        }

        Value created = Create(type, constructor, operation, argument);
        return created is IInstance && operation.Initializer is { } initializer ? Initialized(created, initializer, argument) : created;
    }

    private Value Create(INamedTypeSymbol type, IMethodSymbol constructor, IObjectCreationOperation operation, Frame frame)
    {
        if (torchSharp.Declares(type))
        {
            return CreateTorchSharpObject(type, operation, frame);
        }

        if (torchSharp.IsModule(type))
        {
            return Instantiate(type, constructor, BoundTo(operation.Arguments, frame), operation.Syntax);
        }

        if (IsDictionary(type))
        {
            return Dictionary(operation, frame);
        }

        return type.AllInterfaces.Any(i => i.SpecialType == SpecialType.System_Collections_IEnumerable) ? Collection(operation, frame)
            : type.DeclaringSyntaxReferences.IsEmpty ? NotUnderstood(operation)
            : InstantiateObject(type, constructor, BoundTo(operation.Arguments, frame));
    }

    private Value CreateTorchSharpObject(INamedTypeSymbol type, IObjectCreationOperation operation, Frame frame)
    {
        if (torchSharp.IsTensor(type))
        {
            return operation.Arguments is [var tensor, ..] ? Evaluate(tensor.Value, frame) : NotUnderstood(operation);
        }

        return type.Name switch
        {
            "ModuleList" or "ParameterList" => Collection(operation, frame),
            "ModuleDict" or "ParameterDict" => Dictionary(operation, frame),
            _ when torchSharp.IsModule(type) => CreateTorchSharpModule(type, type.Name, ArgumentsOf(operation.Arguments, frame), operation),
            _ => NotUnderstood(operation),
        };
    }

    private Value Initialized(Value created, IObjectOrCollectionInitializerOperation initializer, Frame frame)
    {
        _initialized.Push(created);
        foreach (IOperation member in initializer.Initializers)
        {
            Evaluate(member, frame);
        }

        _initialized.Pop();
        return created;
    }

    private Dictionary<ISymbol, Value> BoundTo(IEnumerable<IArgumentOperation> given, Frame frame)
    {
        var arguments = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        foreach (IArgumentOperation argument in given.Where(a => a.Parameter is not null))
        {
            arguments[argument.Parameter!.OriginalDefinition] = Evaluate(argument.Value, frame);
        }

        return arguments;
    }

    /// <summary>Creates an instance of a module class: field initializers first, then the constructors from the base down, as C# does.</summary>
    public Value Instantiate(
        INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyDictionary<ISymbol, Value> arguments, SyntaxNode createdAt)
    {
        if (!TryEnter())
        {
            return new OpaqueModule(type, createdAt, "calls are nested too deeply");
        }

        var module = new ClassModule(type, createdAt);
        Created.Add(module);
        Construct(module, type, constructor, arguments);
        module.NameListedModules();
        _depth--;
        return module;
    }

    private Value InstantiateObject(INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyDictionary<ISymbol, Value> arguments)
    {
        if (!TryEnter())
        {
            return new UnknownValue("calls are nested too deeply");
        }

        var instance = new ObjectValue(type);
        Construct(instance, type, constructor, arguments);
        _depth--;
        return instance;
    }

    private void Construct(
        IInstance instance, INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyDictionary<ISymbol, Value> arguments)
    {
        var frame = new Frame(instance, null);
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            Value value = arguments.TryGetValue(parameter.OriginalDefinition, out Value? given) ? given : DefaultOf(parameter);
            frame.Declare(parameter, value);
            instance.ConstructorArguments[parameter.OriginalDefinition] = value;
        }

        IOperation? body = BodyOf(constructor);
        IInvocationOperation? initializer = ConstructorCallIn(body);
        bool callsThis = initializer is not null
            && SymbolEqualityComparer.Default.Equals(initializer.TargetMethod.ContainingType.OriginalDefinition, type.OriginalDefinition);
        if (!callsThis)
        {
            InitializeMembers(instance, type, frame);
        }

        ConstructFirst(instance, type, initializer, frame);
        if (body is IConstructorBodyOperation constructorBody)
        {
            Execute(constructorBody.BlockBody ?? constructorBody.ExpressionBody, frame);
        }
    }

    /// <summary>Runs <c>: this(...)</c> or <c>: base(...)</c>, written or implied, where the user wrote that constructor.</summary>
    private void ConstructFirst(IInstance instance, INamedTypeSymbol type, IInvocationOperation? initializer, Frame frame)
    {
        IMethodSymbol? first = initializer?.TargetMethod
            ?? type.BaseType?.InstanceConstructors.FirstOrDefault(constructor => constructor.Parameters.IsEmpty);
        if (first is null)
        {
            return;
        }

        if (torchSharp.Declares(first))
        {
            if (instance is ClassModule module && initializer is not null && first.ContainingType.Name == "Sequential")
            {
                module.Inherited = CreateSequential(type, ArgumentsOf(initializer.Arguments, frame), initializer);
            }
        }
        else if (TryEnter())
        {
            // A constructor can begin with itself.
            Construct(instance, first.ContainingType, first, BoundTo(initializer?.Arguments ?? ImmutableArray<IArgumentOperation>.Empty, frame));
            _depth--;
        }
    }

    private static IInvocationOperation? ConstructorCallIn(IOperation? body) =>
        body is IConstructorBodyOperation { Initializer: { } initializer }
            ? initializer as IInvocationOperation ?? (initializer as IExpressionStatementOperation)?.Operation as IInvocationOperation
            : null;

    private void InitializeMembers(IInstance instance, INamedTypeSymbol type, Frame frame)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is { IsStatic: false } and (IFieldSymbol { IsImplicitlyDeclared: false } or IPropertySymbol)
                && WrittenValueOf(member) is { } initializer)
            {
                instance.Hold(member, Evaluate(initializer, frame));
            }
        }
    }
}
