using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>TorchSharp itself: module factories, initializers, operations on tensors and the methods of modules.</content>
internal sealed partial class Interpreter
{
    private Value CallTorchSharp(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        if (TorchSharpSymbols.IsMemberOf(method, torchSharp.Init))
        {
            return Initialize(operation, method, frame);
        }

        if (TorchSharpSymbols.IsMemberOf(method, torchSharp.Nn) && torchSharp.IsModule(method.ReturnType))
        {
            return CreateTorchSharpModule(method.ReturnType as INamedTypeSymbol, method.Name, operation.Arguments, operation, frame);
        }

        // Of an extension method, and of a function, the receiver is the first argument.
        Value? instance = operation.Instance is null ? null : Evaluate(operation.Instance, frame);
        var arguments = new Arguments(operation.Arguments, argument => Evaluate(argument, frame));
        Value receiver = instance ?? (arguments.InOrder is [var first, ..] ? first : ConstantValue.Null);
        IReadOnlyList<Value> others = [.. arguments.InOrder.Skip(instance is null ? 1 : 0)];
        return receiver switch
        {
            ModuleValue module => CallModule(module, others, operation, method),
            SequenceValue tensors when method.Name is "cat" or "concat" or "concatenate" => Concatenate(tensors, others, operation.Syntax),
            SequenceValue list => CallSequence(list, others, operation),
            TensorValue tensor => CallTensor(tensor, arguments, operation.Syntax, method),
            ParameterValue parameter => CallParameter(parameter, arguments, operation.Syntax, method),
            UnknownValue unknown => unknown,
            _ => NotUnderstood(operation),
        };
    }

    private Value CreateTorchSharpModule(
        INamedTypeSymbol? type, string name, ImmutableArray<IArgumentOperation> arguments, IOperation creation, Frame frame)
    {
        ModuleValue module = name switch
        {
            "Sequential" => CreateSequential(type, arguments, creation, frame),
            _ when LayerCatalog.Create(name, new Arguments(arguments, argument => Evaluate(argument, frame))) is { } layer
                => new LayerModule(type, creation.Syntax, layer),
            _ => new OpaqueModule(type, creation.Syntax, $"'{name}' is not modelled"),
        };
        Created.Add(module);
        return module;
    }

    private SequentialModule CreateSequential(INamedTypeSymbol? type, ImmutableArray<IArgumentOperation> arguments, IOperation creation, Frame frame)
    {
        var sequential = new SequentialModule(type, creation.Syntax);
        foreach (IArgumentOperation argument in arguments)
        {
            AppendAll(sequential, Evaluate(argument.Value, frame));
        }

        return sequential;
    }

    /// <summary>Appends modules and (name, module) pairs, one or many.</summary>
    private static void AppendAll(SequentialModule sequential, Value value)
    {
        switch (value)
        {
            case SequenceValue { Doubt: null } many:
                many.Items.ForEach(item => AppendAll(sequential, item));
                break;
            case TupleValue { Items: [ConstantValue { Constant: string name }, ModuleValue module] }:
                sequential.Append(name, module);
                break;
            case ModuleValue module:
                sequential.Append(null, module);
                break;
            case ConstantValue { Constant: null }:
                break;
            default:
                sequential.Doubt ??= (value as UnknownValue)?.Reason ?? (value as SequenceValue)?.Doubt ?? "one of its modules is not known";
                break;
        }
    }

    private Value CallModule(ModuleValue module, IReadOnlyList<Value> arguments, IInvocationOperation operation, IMethodSymbol method)
    {
        switch (method.Name)
        {
            case "forward" or "call":
                return Apply(module, arguments, operation.Syntax);
            case "append" or "add_module" when module is SequentialModule sequential:
                AppendAll(sequential, arguments is [var only] ? only : new TupleValue(arguments));
                return sequential;
            case "add_module" or "register_module":
                if (module is ClassModule owner && arguments is [ConstantValue { Constant: string name }, ModuleValue registered])
                {
                    owner.Register(name, registered);
                }

                return ConstantValue.Null;
            case "modules":
                return new SequenceValue(module.SelfAndDescendants().Skip(1));
            case "children":
                return new SequenceValue(module.Children);
            case "named_modules":
                return new SequenceValue(module.SelfAndDescendants().Skip(1).Select(Named));
            case "named_children":
                return new SequenceValue(module.Children.Select(Named));
            case "parameters":
                return new SequenceValue(ParametersOf(module).Select(parameter => parameter.Parameter));
            case "named_parameters":
                return new SequenceValue(ParametersOf(module)
                    .Select(parameter => new TupleValue([new ConstantValue(parameter.Name), parameter.Parameter])));
            case "apply":
                return ApplyFunction(module, arguments, operation);
            case "load" or "load_state_dict":
                DoubtInitializers(module.SelfAndDescendants(), "its weights are loaded", operation.Syntax);
                return NotUnderstood(operation);
            case "to" or "cuda" or "cpu" or "float" or "double" or "train" or "eval":
                return module;
            default:
                return method.ReturnsVoid ? ConstantValue.Null : NotUnderstood(operation);
        }
    }

    private static TupleValue Named(ModuleValue module) => new([new ConstantValue(module.Path ?? ""), module]);

    private static IEnumerable<(string Name, ParameterValue Parameter)> ParametersOf(ModuleValue module)
    {
        foreach (LayerModule layer in module.SelfAndDescendants().OfType<LayerModule>())
        {
            if (layer.Layer is WeightLayer or NormalizationLayer)
            {
                yield return ($"{layer.Path}.weight", new ParameterValue(layer, ParameterRole.Weight));
                if (layer.Layer is not WeightLayer { Bias: null })
                {
                    yield return ($"{layer.Path}.bias", new ParameterValue(layer, ParameterRole.Bias));
                }
            }
        }
    }

    private Value ApplyFunction(ModuleValue module, IReadOnlyList<Value> arguments, IOperation operation)
    {
        ModuleValue[] modules = [.. module.SelfAndDescendants()];
        if (arguments is [FunctionValue function])
        {
            foreach (ModuleValue child in modules)
            {
                Call(function, [child]);
            }
        }
        else
        {
            DoubtInitializers(modules, "an unknown function is applied to it", operation.Syntax);
        }

        return module;
    }

    private static void DoubtInitializers(IEnumerable<ModuleValue> modules, string reason, SyntaxNode where)
    {
        foreach (LayerModule layer in modules.OfType<LayerModule>())
        {
            layer.Initialize(ParameterRole.Weight, new UnknownInitializer(reason), where);
        }
    }

    private Value Initialize(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        var arguments = new Arguments(operation.Arguments, argument => Evaluate(argument, frame));
        if (arguments["tensor"] is not ParameterValue parameter)
        {
            DoubtInitialized(operation.Arguments.FirstOrDefault()?.Value, operation, frame, $"'{method.Name}' fills a weight that is not known");
        }
        else
        {
            Initializer initializer = InitializerCatalog.Create(method.Name, arguments)
                ?? new UnknownInitializer($"'{method.Name}' or its arguments are not known");
            parameter.Layer.Initialize(parameter.Role, initializer, operation.Syntax);
        }

        return arguments["tensor"];
    }

    /// <summary>In-place methods of a weight, such as <c>fc.weight.zero_()</c>.</summary>
    private static Value CallParameter(ParameterValue parameter, Arguments arguments, SyntaxNode call, IMethodSymbol method)
    {
        if (method.Name == "dim")
        {
            return parameter.Layer.AxesOf(parameter.Role) is { } axes ? new ConstantValue(axes) : NotUnderstood(call);
        }

        if (method.Name.EndsWith("_", StringComparison.Ordinal) && method.Name is not "requires_grad_")
        {
            Initializer initializer = InitializerCatalog.Create(method.Name, arguments)
                ?? new UnknownInitializer($"it is changed by '{method.Name}'");
            parameter.Layer.Initialize(parameter.Role, initializer, call);
        }

        return parameter;
    }

    private Value CallTensor(TensorValue tensor, Arguments arguments, SyntaxNode call, IMethodSymbol method)
    {
        if (TensorFunctionCatalog.KeepsTheSignal(method.Name))
        {
            return tensor;
        }

        Value[] others = [.. arguments.InOrder.Where(value => value is TensorValue && value != tensor)];
        string function = method.Name.TrimEnd('_');
        Value result = function switch
        {
            _ when TensorFunctionCatalog.Create(function, arguments) is { } layer => Node(function, layer, call, tensor),
            "add" when others is [TensorValue other] => Node("add", new AddLayer(), call, tensor, other),
            "mul" when arguments.InOrder is [{ Number: { } factor }] => Node("scale", new ScaleLayer(factor), call, tensor),
            "div" when arguments.InOrder is [{ Number: { } divisor }, ..] and not [{ Number: 0 }, ..] => Node("scale", new ScaleLayer(1 / divisor), call, tensor),
            "matmul" or "bmm" or "mm" => MatrixProduct(call, [tensor, .. others]),
            _ => Opaque($"'{method.Name}' is not modelled", call, [tensor, .. others]),
        };
        if (function == method.Name || result is not TensorValue { Node: var node })
        {
            return result;
        }

        tensor.Node = node;
        return tensor;
    }

    /// <summary><c>torch.cat</c>: along the features, which is axis 1 or the last, side by side; along others it is not modelled.</summary>
    private Value Concatenate(SequenceValue tensors, IReadOnlyList<Value> arguments, SyntaxNode call) =>
        tensors.Doubt is null && arguments is [{ Integer: 1 or -1 }] && tensors.Items.Count > 0 && tensors.Items.All(item => item is TensorValue)
            ? Node("cat", new ConcatLayer(), call, [.. tensors.Items.Cast<TensorValue>()])
            : Opaque("the concatenation is not along the features", call, [.. tensors.Items]);

    private Value MatrixProduct(SyntaxNode where, Value[] factors) =>
        _recorder is { } recorder ? recorder.AddMatrixProduct(where, [.. factors.OfType<TensorValue>()]) : NotUnderstood(where);

    private Value Node(string name, Layer layer, SyntaxNode where, params TensorValue[] inputs) =>
        _recorder is { } recorder ? recorder.Add(name, layer, inputs) : NotUnderstood(where);

    private Value Opaque(string reason, SyntaxNode where, params Value[] inputs) =>
        _recorder is { } recorder ? recorder.AddOpaque(reason, where, [.. inputs.OfType<TensorValue>()]) : new UnknownValue(reason);

    /// <summary>The tensor; an unknown one becomes an opaque node, so that the graph tells where it stops being known.</summary>
    private TensorValue TensorOf(Value value, SyntaxNode where) => value switch
    {
        TensorValue tensor => tensor,
        UnknownValue unknown => _recorder!.AddOpaque(unknown.Reason, where),
        _ => _recorder!.AddOpaque($"the input in '{where}' is not a tensor of the network", where),
    };
}
