using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Modules: applying them, which records the network, and their other methods.</content>
internal sealed partial class Interpreter
{
    private GraphRecorder? _recorder;

    /// <summary>The network that a module computes, recorded by applying it to one input per tensor that it takes.</summary>
    public (GraphRecorder Recorder, Value Output) Record(ModuleValue module, CancellationToken cancelled)
    {
        cancellation = cancelled;
        _operationsLeft = ModelingLimits.Operations;
        var recorder = new GraphRecorder(module);
        ClassModule[] instances = [.. module.SelfAndDescendants().OfType<ClassModule>()];
        _recorder = recorder;
        foreach (ClassModule instance in instances)
        {
            instance.Remember();
        }

        try
        {
            IMethodSymbol? entry = module is ClassModule { Type: { } type } ? EntryOf(type) : null;
            Value[] inputs = entry is null || torchSharp.Declares(entry) ? [recorder.AddInput()] : [.. entry.Parameters.Select(InputFor)];
            return (recorder, entry?.Name == "call" ? Run(entry, (ClassModule)module, inputs) : Apply(module, inputs, module.CreatedAt));
        }
        finally
        {
            // What forward leaves in fields, such as a state, belongs to this recording; and it may have ended anywhere.
            foreach (ClassModule instance in instances)
            {
                instance.Restore();
            }

            _recorder = null;
            _depth = 0;
            _initialized.Clear();
            _conditionalInstances.Clear();
        }
    }

    /// <summary>Where <c>forward</c> only throws, the class may have a <c>call</c> of its own that takes other arguments.</summary>
    private IMethodSymbol? EntryOf(INamedTypeSymbol type)
    {
        IMethodSymbol? forward = ForwardOf(type);
        return forward is not null && BodyOf(forward) is IMethodBodyOperation { BlockBody: { } body } && EndsInThrow(body)
            ? type.GetMembers("call").OfType<IMethodSymbol>().FirstOrDefault() ?? forward
            : forward;
    }

    /// <summary>Optional tensors are left out: they are masks and states.</summary>
    private Value InputFor(IParameterSymbol parameter) => parameter switch
    {
        { HasExplicitDefaultValue: true } => DefaultOf(parameter),
        _ when torchSharp.IsTensor(parameter.Type) => _recorder!.AddInput(),
        { Type: INamedTypeSymbol { IsTupleType: true } tuple } when tuple.TupleElements.All(element => torchSharp.IsTensor(element.Type)) =>
            new TupleValue([.. tuple.TupleElements.Select(_ => _recorder!.AddInput())]),
        _ => DefaultOf(parameter),
    };

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

    /// <summary>Applies a module to tensors, and records the layers on the way.</summary>
    public Value Apply(ModuleValue module, IReadOnlyList<Value> inputs, SyntaxNode where)
    {
        if (_recorder is null || inputs.Count == 0)
        {
            return NotUnderstood(where);
        }

        // A module can hold itself, also more than once.
        if (!Spend())
        {
            return TooLarge();
        }

        if (!TryEnter())
        {
            return new UnknownValue("modules are nested too deeply");
        }

        Value output = module switch
        {
            LayerModule layer => ApplyLayer(layer, inputs, where),
            SequentialModule { Doubt: { } doubt } => Opaque(doubt, where, inputs[0]),
            SequentialModule sequential => sequential.Children.Aggregate(inputs[0], (tensor, child) => Apply(child, [tensor], where)),
            ClassModule instance => Forward(instance, inputs, where),
            OpaqueModule opaque => Opaque(opaque.Reason, where, inputs[0]),
            _ => NotUnderstood(where),
        };
        _depth--;
        return output;
    }

    private Value Forward(ClassModule module, IReadOnlyList<Value> inputs, SyntaxNode where)
    {
        if (ForwardOf(module.Type!) is { } forward && !forward.DeclaringSyntaxReferences.IsEmpty)
        {
            return Run(forward, module, inputs);
        }

        return module.Inherited is { } inherited ? Apply(inherited, inputs, where) : Opaque($"'{module.Type!.Name}.forward' cannot be read", where, inputs[0]);
    }

    private Value Run(IMethodSymbol method, ClassModule module, IReadOnlyList<Value> inputs)
    {
        if (BodyOf(method) is not { } body)
        {
            return new UnknownValue($"'{method.Name}' cannot be read");
        }

        var frame = new Frame(module, null);
        Bind(method.Parameters, inputs, frame);
        return Run(body, frame);
    }

    private Value ApplyLayer(LayerModule module, IReadOnlyList<Value> inputs, SyntaxNode where)
    {
        TensorValue input = TensorOf(inputs[0], where);
        return module.Layer switch
        {
            RecurrentLayer layer => ApplyRecurrent(module, layer, input, inputs, where),
            MultiheadAttentionLayer layer => ApplyAttention(module, layer, [.. inputs.Take(3).Select(one => TensorOf(one, where))]),
            EmbeddingLayer layer when module.Type?.Name == "EmbeddingBag" => _recorder!.Add(
                "mean", new MeanLayer(), TensorLayout.Vectors(layer.Dimension), _recorder.Add(module, TensorLayout.Sequence(layer.Dimension, isBatchFirst: true), input)),
            TransformerEncoderLayer layer => _recorder!.Add(module, TensorLayout.Sequence(layer.ModelDimension, isBatchFirst: false), input),
            _ => _recorder!.Add(module, TensorLayout.After(module.Layer, input.Layout), input),
        };
    }

    /// <summary>The outputs at every step, the last state, and that of the cell where there is one.</summary>
    private Value ApplyRecurrent(LayerModule module, RecurrentLayer layer, TensorValue input, IReadOnlyList<Value> inputs, SyntaxNode where)
    {
        if (inputs.Skip(1).SelectMany(Tensors).Any(state => state is TensorValue { Node: var node } && _recorder!.LayerOf(node) is not (InputLayer or DetachLayer)))
        {
            return Opaque("an initial state that comes from the network is not modelled", where, [input, .. inputs.Skip(1).SelectMany(Tensors)]);
        }

        TensorValue output = _recorder!.Add(module, TensorLayout.Sequence(layer.IsBidirectional ? 2 * layer.HiddenSize : layer.HiddenSize, module.IsBatchFirst), input);
        if (layer.IsBidirectional)
        {
            Value lastState = new UnknownValue("the last state of both directions is not modelled");
            return layer is LSTMLayer ? new TupleValue([output, lastState, lastState]) : new TupleValue([output, lastState]);
        }

        TensorValue state = _recorder.Add(
            "last", new SelectLayer(), new TensorLayout([new Axis(AxisRole.Layer, layer.Layers), new Axis(AxisRole.Batch), new Axis(AxisRole.Unit, layer.HiddenSize)]), output);
        return layer is LSTMLayer ? new TupleValue([output, state, new UnknownValue("the state of the cell is not modelled")]) : new TupleValue([output, state]);
    }

    private TupleValue ApplyAttention(LayerModule module, MultiheadAttentionLayer layer, TensorValue[] inputs)
    {
        bool toItself = inputs.All(input => input.Node == inputs[0].Node);
        TensorValue output = _recorder!.Add(module, TensorLayout.Sequence(layer.EmbedDimension, isBatchFirst: false), toItself ? [inputs[0]] : inputs);
        return new TupleValue([output, new UnknownValue("the weights of the attention are not modelled")]);
    }

    private static IEnumerable<Value> Tensors(Value value) => value is TupleValue tuple ? tuple.Items.SelectMany(Tensors) : [value];

    private Value CallModule(ModuleValue module, IReadOnlyList<Value> arguments, IOperation operation, IMethodSymbol method)
    {
        switch (method.Name)
        {
            case "forward" or "call":
                return Apply(module, arguments, operation.Syntax);
            case "append" or "add_module" or "Add" when module is SequentialModule sequential:
                AppendAll(sequential, arguments is [var only] ? only : new TupleValue(arguments));
                return sequential;
            case "add_module" or "register_module":
                if (module is ClassModule owner && arguments is [ConstantValue { Constant: string name }, ModuleValue registered])
                {
                    owner.Register(name, registered);
                }

                return ConstantValue.Null;
            case "modules" or "children" or "named_modules" or "named_children" when UnknownChild(module) is { } doubt:
                return new UnknownValue(doubt);
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
            case "get_parameter":
                return ParametersOf(module).FirstOrDefault(parameter => arguments is [ConstantValue { Constant: string asked }] && parameter.Name == asked).Parameter ?? NotUnderstood(operation);
            case "apply":
                return ApplyFunction(module, arguments, operation);
            case "load_state_dict" when LoadedWeights.IsCopy(operation.Syntax):
                return NotUnderstood(operation);
            case "load" or "load_py" or "load_state_dict":
                DoubtInitializers(module.SelfAndDescendants(), "its weights are loaded", operation.Syntax);
                return NotUnderstood(operation);
            case "to" or "cuda" or "cpu" or "float" or "double" or "half" or "train" or "eval":
                return module;
            default:
                return method.ReturnsVoid ? ConstantValue.Null : NotUnderstood(operation);
        }
    }

    private static string? UnknownChild(ModuleValue module) => module.SelfAndDescendants()
        .Select(child => (child as SequentialModule ?? (child as ClassModule)?.Inherited)?.Doubt)
        .FirstOrDefault(doubt => doubt is not null);

    private static TupleValue Named(ModuleValue module) => new([new ConstantValue(module.Path ?? ""), module]);

    /// <summary>Named as seen from the module.</summary>
    private static IEnumerable<(string Name, Value Parameter)> ParametersOf(ModuleValue module)
    {
        foreach (LayerModule layer in module.SelfAndDescendants().OfType<LayerModule>())
        {
            string prefix = layer.PathFrom(module) is { } path ? path + "." : "";
            foreach ((string name, ParameterRole role) in ParameterNames(layer.Layer))
            {
                yield return (prefix + name, new ParameterValue(layer, role));
            }
        }
    }

    private static IEnumerable<(string Name, ParameterRole Role)> ParameterNames(Layer layer) => layer switch
    {
        RecurrentLayer recurrent => Enumerable.Range(0, recurrent.Layers).SelectMany(i => RecurrentParameters(recurrent, i)),
        MultiheadAttentionLayer => [("in_proj_weight", ParameterRole.Weight)],
        WeightLayer { Bias: null } => [("weight", ParameterRole.Weight)],
        WeightLayer or NormalizationLayer => [("weight", ParameterRole.Weight), ("bias", ParameterRole.Bias)],
        CompositeLayer => [("linear1.weight", ParameterRole.Weight)],
        _ => [],
    };

    private static IEnumerable<(string Name, ParameterRole Role)> RecurrentParameters(RecurrentLayer layer, int index)
    {
        yield return ($"weight_ih_l{index}", ParameterRole.InputWeight);
        yield return ($"weight_hh_l{index}", ParameterRole.Weight);
        if (layer.Bias is not null)
        {
            yield return ($"bias_ih_l{index}", ParameterRole.Bias);
            yield return ($"bias_hh_l{index}", ParameterRole.Bias);
        }
    }
}
