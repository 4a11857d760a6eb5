using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>TorchSharp itself: who is called, and the factories of modules.</content>
internal sealed partial class Interpreter
{
    private Value CallTorchSharp(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        if (TorchSharpSymbols.IsMemberOf(method, torchSharp.Init))
        {
            return Initialize(operation, method, frame);
        }

        Value? instance = operation.Instance is null ? null : Evaluate(operation.Instance, frame);
        return CallTorchSharp(method, instance, ArgumentsOf(operation.Arguments, frame), operation);
    }

    private Value CallTorchSharp(IMethodSymbol method, Value? instance, Arguments arguments, IOperation operation)
    {
        if (TorchSharpSymbols.IsMemberOf(method, torchSharp.Nn) && torchSharp.IsModule(method.ReturnType))
        {
            return CreateTorchSharpModule(method.ReturnType as INamedTypeSymbol, method.Name, arguments, operation);
        }

        if (method.ContainingType.Name == "DisposeScope" && arguments.InOrder is [var kept] && !method.ReturnsVoid)
        {
            return kept;
        }

        if (TorchSharpSymbols.IsMemberOf(method, torchSharp.Torch) && SwitchesGradientOff(method.Name, arguments) is { } isOff)
        {
            IsGradientOff = isOff;
            return NotUnderstood(operation);
        }

        // Of an extension method, and of a function, the receiver is the first argument.
        Value receiver = instance ?? (arguments.InOrder is [var first, ..] ? first : ConstantValue.Null);
        IReadOnlyList<Value> others = [.. arguments.InOrder.Skip(instance is null ? 1 : 0)];
        return receiver switch
        {
            ModuleValue module => CallModule(module, others, operation, method),
            DictionaryValue dictionary => CallDictionary(dictionary, others, operation, method),
            SequenceValue { Items: [TensorValue or HeldTensorValue, ..] or { Count: 0 } } tensors when torchSharp.IsTensor(method.ReturnType) => CallTensors(tensors, method, arguments, operation.Syntax),
            SequenceValue list when instance is not null => CallSequence(list, others, operation, method),
            TensorValue tensor => CallTensor(tensor, arguments, operation.Syntax, method),
            ParameterValue parameter => CallParameter(parameter, arguments, operation.Syntax, method),
            HeldTensorValue held => CallHeldTensor(held, arguments, operation.Syntax, method),
            _ when torchSharp.IsTensor(method.ReturnType) && instance is null => CreateTensor(method, arguments, operation.Syntax),
            UnknownValue unknown => unknown,
            _ => NotUnderstood(operation),
        };
    }

    private bool IsGradientOff
    {
        get => _recorder is { IsGradientOff: true };
        set
        {
            if (_recorder is { } recorder)
            {
                recorder.IsGradientOff = value;
            }
        }
    }

    /// <summary>Null for other functions, and where it is not known.</summary>
    private static bool? SwitchesGradientOff(string function, Arguments arguments) => function switch
    {
        "no_grad" => true,
        "inference_mode" => arguments.Flag("mode"),
        "enable_grad" => !arguments.Flag("enabled"),
        "set_grad_enabled" => !arguments.Flag("mode"),
        _ => null,
    };

    private Arguments ArgumentsOf(ImmutableArray<IArgumentOperation> arguments, Frame frame) => new(arguments, argument => Evaluate(argument, frame));

    private Value CreateTorchSharpModule(INamedTypeSymbol? type, string name, Arguments arguments, IOperation creation)
    {
        switch (name)
        {
            case "ModuleList":
                return new SequenceValue(arguments.InOrder.SelectMany(argument => ItemsOf(argument) ?? [argument]));
            case "ModuleDict":
                var dictionary = new DictionaryValue();
                AddAll(dictionary, arguments.InOrder);
                return dictionary;
        }

        ModuleValue module = name switch
        {
            "Sequential" => CreateSequential(type, arguments, creation),
            "TransformerEncoder" => CreateEncoder(type, arguments, creation),
            _ when LayerCatalog.Create(name, arguments) is { } layer
                => new LayerModule(type, creation.Syntax, layer) { IsBatchFirst = arguments.Flag("batchFirst") == true, Assumption = LayerCatalog.AssumptionOf(layer, arguments) },
            _ => new OpaqueModule(type, creation.Syntax, $"'{name}' is not modelled"),
        };
        Created.Add(module);
        return module;
    }

    private static SequentialModule CreateSequential(INamedTypeSymbol? type, Arguments arguments, IOperation creation)
    {
        var sequential = new SequentialModule(type, creation.Syntax);
        foreach (Value argument in arguments.InOrder)
        {
            AppendAll(sequential, argument);
        }

        return sequential;
    }

    /// <summary>A stack of copies of one layer.</summary>
    private static ModuleValue CreateEncoder(INamedTypeSymbol? type, Arguments arguments, IOperation creation)
    {
        if (arguments["encoder_layer"] is not LayerModule layer || arguments.Integer("num_layers") is not (> 0 and <= ModelingLimits.LoopTrips and int count))
        {
            return new OpaqueModule(type, creation.Syntax, "the number of layers of the 'TransformerEncoder' is not known");
        }

        var stack = new SequentialModule(type, creation.Syntax);
        for (int i = 0; i < count; i++)
        {
            stack.Append($"layers.{i}", layer.Copy());
        }

        return stack;
    }

    /// <summary>Appends modules and (name, module) pairs, one or many.</summary>
    private static void AppendAll(SequentialModule sequential, Value value)
    {
        // A list can hold itself.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (value)
        {
            case SequenceValue { Doubt: null } many:
                many.Items.ForEach(item => AppendAll(sequential, item));
                break;
            case DictionaryValue { Doubt: null } many:
                many.Items.ForEach(item => AppendAll(sequential, item.Value));
                break;
            case TupleValue { Items: [var name, ModuleValue module] }:
                sequential.Append((name as ConstantValue)?.Constant as string, module);
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

    /// <summary>A tensor that the code makes itself.</summary>
    private static Value CreateTensor(IMethodSymbol method, Arguments arguments, SyntaxNode call)
    {
        IReadOnlyList<int?>? sizes = SizesOf(arguments["size"]) ?? LeadingSizes(arguments);
        Value[] tensors = [.. arguments.InOrder.Where(argument => argument is TensorValue)];
        return tensors.Length > 0 ? NotUnderstood(call) : method.Name switch
        {
            "zeros" or "zeros_like" => new HeldTensorValue(new Zeros(), sizes),
            "ones" or "ones_like" => new HeldTensorValue(new Ones(), sizes),
            "randn" or "randn_like" => new HeldTensorValue(new Normal(), sizes),
            "rand" or "rand_like" => new HeldTensorValue(new Uniform(), sizes),
            "full" when arguments.Number("value") is { } value => new HeldTensorValue(new Constant(value), sizes),
            _ => new HeldTensorValue(null, sizes),
        };
    }

    /// <summary>Sizes that are given one by one; a type or device comes after them.</summary>
    private static IReadOnlyList<int?>? LeadingSizes(Arguments arguments) =>
        arguments.InOrder.TakeWhile(argument => argument.Integer is not null || argument is SizeValue).Select(argument => argument.Integer).ToArray() is { Length: > 0 } sizes ? sizes : null;

    private static IReadOnlyList<int?>? SizesOf(Value value) =>
        value is SequenceValue { Doubt: null } sizes ? [.. sizes.Items.Select(size => size.Integer)] : null;
}
