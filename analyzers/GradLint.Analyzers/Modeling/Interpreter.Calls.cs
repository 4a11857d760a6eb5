using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Calls of the user's own methods and of delegates.</content>
internal sealed partial class Interpreter
{
    private int _depth;
    private bool _exploring;

    public override Value VisitInvocation(IInvocationOperation operation, Frame argument)
    {
        IMethodSymbol method = operation.TargetMethod;
        if (torchSharp.Declares(method))
        {
            return CallTorchSharp(operation, method, argument);
        }

        if (operation.Instance is { } target && method.MethodKind == MethodKind.DelegateInvoke)
        {
            return Evaluate(target, argument) is CallableValue function
                ? Call(function, InDeclaredOrder(operation.Arguments, argument), operation)
                : NotUnderstood(operation);
        }

        if (!method.DeclaringSyntaxReferences.IsEmpty)
        {
            return CallDeclared(operation, method, argument);
        }

        Value result = CallLibrary(operation, method, argument);
        if (result is UnknownValue { Reason: var reason })
        {
            // A function that is handed to a method nobody knows may run there.
            Doubt(operation, argument, reason);
        }

        return result;
    }

    /// <summary>Runs a body whose parameters nobody knows, for the modules that it creates; parameters with defaults have these.</summary>
    public void Explore(IOperation body)
    {
        _exploring = true;
        Execute(body, new Frame(null, null));
        _exploring = false;
    }

    /// <summary>Arguments are evaluated in the order in which they are written, and bound in the order of the parameters.</summary>
    private Value[] InDeclaredOrder(IReadOnlyList<IArgumentOperation> arguments, Frame frame) =>
        [.. arguments.Select(argument => (argument.Parameter?.Ordinal, Value: Evaluate(argument.Value, frame))).OrderBy(argument => argument.Ordinal).Select(argument => argument.Value)];

    private Value CallDeclared(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        Value? instance = operation.Instance is null ? null : Evaluate(operation.Instance, frame);
        if (instance is ModuleValue module && method.Name is "forward")
        {
            return Apply(module, InDeclaredOrder(operation.Arguments, frame), operation.Syntax);
        }

        IMethodSymbol target = (operation.IsVirtual ? Overriding(method, instance) : null) ?? method;
        if (BodyOf(target) is not { } body)
        {
            return NotUnderstood(operation);
        }

        Frame? closure = method.MethodKind == MethodKind.LocalFunction ? frame : null;
        Frame callee = new(instance as IInstance ?? closure?.Self, closure);
        foreach (IArgumentOperation argument in operation.Arguments.Where(a => a.Parameter is not null))
        {
            callee.Declare(target.Parameters[argument.Parameter!.Ordinal], Evaluate(argument.Value, frame));
        }

        Value result = Run(body, callee);
        foreach (IArgumentOperation argument in operation.Arguments)
        {
            if (argument.Parameter is { RefKind: RefKind.Out or RefKind.Ref } parameter && callee.TryGet(target.Parameters[parameter.Ordinal], out Value? written))
            {
                Assign(argument.Value, written, frame);
            }
        }

        return result;
    }

    /// <summary>What runs instead of a virtual method, by the type that the instance really has.</summary>
    private static IMethodSymbol? Overriding(IMethodSymbol method, Value? instance)
    {
        for (INamedTypeSymbol? type = (instance as IInstance)?.InstanceType; type is not null; type = type.BaseType)
        {
            foreach (IMethodSymbol candidate in type.GetMembers(method.Name).OfType<IMethodSymbol>())
            {
                for (IMethodSymbol? overridden = candidate; overridden is not null; overridden = overridden.OverriddenMethod)
                {
                    if (SymbolEqualityComparer.Default.Equals(overridden.OriginalDefinition, method.OriginalDefinition))
                    {
                        return candidate;
                    }
                }
            }
        }

        return null;
    }

    private Value Call(CallableValue callable, IReadOnlyList<Value> arguments, IOperation where)
    {
        switch (callable)
        {
            case FunctionValue function:
                var frame = new Frame(function.Closure.Self, function.Closure);
                Bind(function.Parameters, arguments, frame);
                return Run(function.Body, frame);
            case TorchSharpMethodValue { Method: var method }:
                return CallTorchSharp(method, null, new Arguments(method.Parameters, arguments), where);
            default:
                return NotUnderstood(where);
        }
    }

    private static void Bind(IReadOnlyList<IParameterSymbol> parameters, IReadOnlyList<Value> arguments, Frame frame)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            frame.Declare(parameters[i], i < arguments.Count ? arguments[i] : DefaultOf(parameters[i]));
        }
    }

    private static Value DefaultOf(IParameterSymbol parameter) =>
        parameter.HasExplicitDefaultValue
            ? new ConstantValue(parameter.ExplicitDefaultValue)
            : new UnknownValue($"the parameter '{parameter.Name}' is not known");

    private Value Run(IOperation body, Frame frame)
    {
        if (!TryEnter())
        {
            return new UnknownValue("calls are nested too deeply");
        }

        Completion completion = Execute(body is ILocalFunctionOperation local ? local.Body : body, frame);
        _depth--;
        return completion == Completion.Throw ? new UnknownValue("it throws an exception") : frame.Returned ?? ConstantValue.Null;
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
}
