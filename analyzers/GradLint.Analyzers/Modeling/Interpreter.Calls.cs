using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Calls: creating modules, applying them, and running the user's own methods.</content>
internal sealed partial class Interpreter
{
    public override Value VisitObjectCreation(IObjectCreationOperation operation, Frame argument)
    {
        if (operation.Type is not INamedTypeSymbol type || operation.Constructor is not { } constructor)
        {
            return NotUnderstood(operation);
        }

        if (torchSharp.IsModule(type))
        {
            return !torchSharp.Declares(type) ? Instantiate(type, constructor, operation, argument)
                : type.Name is "ModuleList" ? Collection(operation, argument)
                : CreateTorchSharpModule(type, type.Name, operation.Arguments, operation, argument);
        }

        return type.AllInterfaces.Any(i => i.SpecialType == SpecialType.System_Collections_IEnumerable)
            ? Collection(operation, argument)
            : NotUnderstood(operation);
    }

    public override Value VisitInvocation(IInvocationOperation operation, Frame argument)
    {
        IMethodSymbol method = operation.TargetMethod;
        if (torchSharp.Declares(method))
        {
            return CallTorchSharp(operation, method, argument);
        }

        if (operation.Instance is { } target && method.MethodKind == MethodKind.DelegateInvoke)
        {
            return Evaluate(target, argument) is FunctionValue function
                ? Call(function, operation.Arguments.Select(a => Evaluate(a.Value, argument)).ToArray())
                : NotUnderstood(operation);
        }

        if (bodies.Of(method, cancellation) is { } body)
        {
            return CallDeclared(operation, method, body, argument);
        }

        Value result = CallSequenceMethod(operation, method, argument);
        if (result is UnknownValue { Reason: var reason })
        {
            // A function that is handed to a method nobody knows may run there.
            Doubt(operation, argument, reason);
        }

        return result;
    }

    /// <summary>Applies a module to a tensor, and records the layers on the way.</summary>
    public Value Apply(ModuleValue module, IReadOnlyList<Value> inputs, SyntaxNode where)
    {
        if (_recorder is null || inputs.Count == 0)
        {
            return NotUnderstood(where);
        }

        // A module can hold itself.
        if (!TryEnter())
        {
            return new UnknownValue("modules are nested too deeply");
        }

        Value output = ApplyOnce(module, inputs, where);
        _depth--;
        return output;
    }

    private Value ApplyOnce(ModuleValue module, IReadOnlyList<Value> inputs, SyntaxNode where) =>
        module switch
        {
            LayerModule layer => _recorder!.Add(layer, TensorOf(inputs[0], where)),
            SequentialModule { Doubt: { } doubt } => Opaque(doubt, where, inputs[0]),
            SequentialModule sequential => sequential.Children.Aggregate(inputs[0], (tensor, child) => Apply(child, [tensor], where)),
            ClassModule instance => Forward(instance, inputs, where),
            OpaqueModule opaque => Opaque(opaque.Reason, where, inputs[0]),
            _ => NotUnderstood(where),
        };

    private GraphRecorder? _recorder;

    private Value Forward(ClassModule module, IReadOnlyList<Value> inputs, SyntaxNode where)
    {
        if (ForwardOf(module.Type!) is not { } forward || bodies.Of(forward, cancellation) is not { } body)
        {
            return Opaque($"'{module.Type!.Name}.forward' cannot be read", where, inputs[0]);
        }

        var frame = new Frame(module, null);
        Bind(forward.Parameters, inputs, frame);
        return Run(body, frame);
    }

    public static IMethodSymbol? ForwardOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (current.GetMembers("forward").OfType<IMethodSymbol>().FirstOrDefault(method => !method.IsAbstract) is { } forward)
            {
                return forward;
            }
        }

        return null;
    }

    /// <summary>Creates an instance of a module class: field initializers first, then the constructors from the base down, as C# does.</summary>
    private Value Instantiate(INamedTypeSymbol type, IMethodSymbol constructor, IObjectCreationOperation creation, Frame frame)
    {
        var arguments = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        foreach (IArgumentOperation argument in creation.Arguments.Where(a => a.Parameter is not null))
        {
            arguments[argument.Parameter!] = Evaluate(argument.Value, frame);
        }

        return Instantiate(type, constructor, arguments, creation.Syntax);
    }

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

    private void Construct(
        ClassModule module, INamedTypeSymbol type, IMethodSymbol constructor, IReadOnlyDictionary<ISymbol, Value> arguments)
    {
        var frame = new Frame(module, null);
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            Value value = arguments.TryGetValue(parameter, out Value? given) ? given : DefaultOf(parameter);
            frame.Declare(parameter, value);
            module.ConstructorArguments[parameter] = value;
        }

        IOperation? body = bodies.Of(constructor, cancellation);
        IInvocationOperation? initializer = ConstructorCallIn(body);
        bool callsThis = initializer is not null && SymbolEqualityComparer.Default.Equals(initializer.TargetMethod.ContainingType, type);
        if (!callsThis)
        {
            InitializeMembers(module, type, frame);
        }

        ConstructFirst(module, type, initializer, frame);
        if (body is IConstructorBodyOperation constructorBody)
        {
            Execute(constructorBody.BlockBody ?? constructorBody.ExpressionBody, frame);
        }
    }

    /// <summary>Runs <c>: this(...)</c> or <c>: base(...)</c>, written or implied, where the user wrote that constructor.</summary>
    private void ConstructFirst(ClassModule module, INamedTypeSymbol type, IInvocationOperation? initializer, Frame frame)
    {
        IMethodSymbol? first = initializer?.TargetMethod
            ?? type.BaseType?.InstanceConstructors.FirstOrDefault(constructor => constructor.Parameters.IsEmpty);
        if (first is null || torchSharp.Declares(first))
        {
            return;
        }

        var arguments = new Dictionary<ISymbol, Value>(SymbolEqualityComparer.Default);
        if (initializer is not null)
        {
            foreach (IArgumentOperation argument in initializer.Arguments.Where(a => a.Parameter is not null))
            {
                arguments[argument.Parameter!] = Evaluate(argument.Value, frame);
            }
        }

        Construct(module, first.ContainingType, first, arguments);
    }

    private static IInvocationOperation? ConstructorCallIn(IOperation? body) =>
        body is IConstructorBodyOperation { Initializer: { } initializer }
            ? initializer as IInvocationOperation ?? (initializer as IExpressionStatementOperation)?.Operation as IInvocationOperation
            : null;

    private void InitializeMembers(ClassModule module, INamedTypeSymbol type, Frame frame)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is { IsStatic: false } and (IFieldSymbol { IsImplicitlyDeclared: false } or IPropertySymbol)
                && bodies.InitializerOf(member, cancellation) is { } initializer)
            {
                AssignMember(module, member, Evaluate(initializer, frame));
            }
        }
    }

    private static Value DefaultOf(IParameterSymbol parameter) =>
        parameter.HasExplicitDefaultValue
            ? new ConstantValue(parameter.ExplicitDefaultValue)
            : new UnknownValue($"the parameter '{parameter.Name}' is not known");

    private Value CallDeclared(IInvocationOperation operation, IMethodSymbol method, IOperation body, Frame frame)
    {
        Value? instance = operation.Instance is null ? null : Evaluate(operation.Instance, frame);
        if (instance is ModuleValue module && method.Name is "forward")
        {
            return Apply(module, operation.Arguments.Select(a => Evaluate(a.Value, frame)).ToArray(), operation.Syntax);
        }

        Frame? closure = method.MethodKind == MethodKind.LocalFunction ? frame : null;
        Frame callee = new(instance as ClassModule ?? closure?.Self, closure);
        foreach (IArgumentOperation argument in operation.Arguments.Where(a => a.Parameter is not null))
        {
            callee.Declare(argument.Parameter!.OriginalDefinition, Evaluate(argument.Value, frame));
        }

        Value result = Run(body, callee);
        foreach (IArgumentOperation argument in operation.Arguments)
        {
            if (argument.Parameter is { RefKind: RefKind.Out or RefKind.Ref } parameter && callee.TryGet(parameter.OriginalDefinition, out Value? written))
            {
                Assign(argument.Value, written, frame);
            }
        }

        return result;
    }

    private Value Call(FunctionValue function, IReadOnlyList<Value> arguments)
    {
        var frame = new Frame(function.Closure.Self, function.Closure);
        Bind(function.Parameters, arguments, frame);
        return Run(function.Body, frame);
    }

    private static void Bind(IReadOnlyList<IParameterSymbol> parameters, IReadOnlyList<Value> arguments, Frame frame)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            frame.Declare(parameters[i], i < arguments.Count ? arguments[i] : DefaultOf(parameters[i]));
        }
    }

    private Value Run(IOperation body, Frame frame)
    {
        if (!TryEnter())
        {
            return new UnknownValue("calls are nested too deeply");
        }

        Execute(body is ILocalFunctionOperation local ? local.Body : body, frame);
        _depth--;
        return frame.Returned ?? ConstantValue.Null;
    }

    private bool TryEnter()
    {
        if (_depth == ModelingLimits.Depth)
        {
            LimitHit ??= $"more than {ModelingLimits.Depth} calls inside each other";
            return false;
        }

        _depth++;
        return true;
    }

    private int _depth;

    /// <summary>Runs a body whose parameters nobody knows, for the modules that it creates.</summary>
    public void Explore(IOperation body)
    {
        _exploring = true;
        Execute(body, new Frame(null, null));
        _exploring = false;
    }

    private bool _exploring;

    /// <summary>The network that a module computes, recorded by applying it to one input per tensor that it takes.</summary>
    public (GraphRecorder Recorder, Value Output) Record(ModuleValue module)
    {
        var recorder = new GraphRecorder();
        _recorder = recorder;
        Value[] inputs = module is ClassModule { Type: { } type } && ForwardOf(type) is { } forward
            ? [.. forward.Parameters.Select(parameter => torchSharp.IsTensor(parameter.Type) ? recorder.AddInput() : DefaultOf(parameter))]
            : [recorder.AddInput()];
        Value output = Apply(module, inputs, module.CreatedAt);
        _recorder = null;
        return (recorder, output);
    }
}
