using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <content>Operations on tensors that act on their values.</content>
internal sealed partial class Interpreter
{
    private Value CallTensor(TensorValue tensor, Arguments arguments, SyntaxNode call, IMethodSymbol method)
    {
        string function = method.Name.TrimEnd('_');
        if (_recorder is null)
        {
            return NotUnderstood(call);
        }

        if (TensorFunctionCatalog.KeepsTheSignal(method.Name))
        {
            return tensor;
        }

        // The receiver of an instance method is not among the arguments; of a function it is the first.
        Value[] others = [.. arguments.InOrder.SkipWhile((value, i) => i == 0 && value == tensor)];
        Value result = Reshape(function, tensor, others, arguments, call) ?? Compute(function, tensor, others, arguments, call);
        if (function == method.Name || result is not TensorValue { Node: var node, Layout: var layout })
        {
            return result;
        }

        tensor.Node = node;
        tensor.Layout = layout;
        return tensor;
    }

    private Value Compute(string function, TensorValue tensor, Value[] others, Arguments arguments, SyntaxNode call) => (function, others) switch
    {
        ("softmax" or "log_softmax", _) when tensor.Layout?.RoleOf(arguments.Integer("dim")) is not (null or AxisRole.Unit)
            => Opaque("a softmax over an axis other than that of the features is not modelled", call, [tensor]),
        _ when TensorFunctionCatalog.Create(function, arguments) is { } layer => Apply(function, layer, arguments, call, tensor),
        ("add", [TensorValue or HeldTensorValue, ..]) => Sum(tensor, others[0], call),
        ("sub" or "subtract", [TensorValue or HeldTensorValue, ..]) => Sum(tensor, Negative(others[0], call), call),
        ("mul" or "multiply", [{ Number: { } factor }]) => Node("scale", new ScaleLayer(factor), call, tensor),
        ("div" or "divide", [{ Number: not 0 and { } divisor }, ..]) => Node("scale", new ScaleLayer(1 / divisor), call, tensor),
        ("mul" or "multiply", [TensorValue or HeldTensorValue, ..]) => Product(tensor, others[0], call),
        ("neg" or "negative", []) => Negative(tensor, call),
        ("matmul" or "bmm" or "mm", [TensorValue other]) => MatrixProduct(call, [tensor, other]),
        ("matmul" or "mm", [HeldTensorValue weights]) => Weighted(tensor, weights, isTransposed: false, call),
        ("linear", [HeldTensorValue weights, ..]) => Weighted(tensor, weights, isTransposed: true, call),
        ("detach", _) => _recorder!.Detach(tensor),
        ("zeros_like" or "ones_like" or "randn_like", _) => new HeldTensorValue(function == "zeros_like" ? new Zeros() : function == "ones_like" ? new Ones() : new Normal(), null),
        ("add" or "sub" or "subtract" or "mul" or "multiply" or "div" or "divide" or "matmul" or "bmm" or "mm", [UnknownValue { Reason: var reason }, ..]) => Opaque(reason, call, [tensor]),
        ("dim", []) => tensor.Layout is { } layout ? new ConstantValue(layout.Rank) : NotUnderstood(call),
        ("size", []) => new ShapeValue(tensor.Layout),
        ("size", [{ Integer: { } axis }]) => new ShapeValue(tensor.Layout)[axis] ?? NotUnderstood(call),
        _ => Opaque($"'{function}' is not modelled", call, [tensor, .. others]),
    };

    private Value Apply(string function, Layer layer, Arguments arguments, SyntaxNode call, TensorValue tensor)
    {
        if (LayerCatalog.AssumptionOf(layer, arguments) is { } assumption)
        {
            _recorder!.Assume(assumption);
        }

        return Node(function, layer, call, tensor);
    }

    /// <summary>A tensor that the network does not compute: what is done to it stays outside of the network, unless it meets one of the network's.</summary>
    private Value CallHeldTensor(HeldTensorValue held, Arguments arguments, SyntaxNode call, IMethodSymbol method)
    {
        Value[] others = [.. arguments.InOrder.SkipWhile((value, i) => i == 0 && value == held)];
        switch (method.Name, others)
        {
            case ("add" or "mul" or "multiply", [TensorValue tensor, ..]):
                return method.Name == "add" ? Sum(tensor, held, call) : Product(tensor, held, call);
            case ("matmul" or "mm" or "mv", [TensorValue tensor]):
                return Weighted(tensor, held, isTransposed: true, call);
            case (_, _) when others.OfType<TensorValue>().Any():
                return Opaque($"'{method.Name}' is not modelled", call, others);
            case ("dim", []) when held.Sizes is { } sizes:
                return new ConstantValue(sizes.Count);
            case (_, _) when TensorFunctionCatalog.KeepsTheSignal(method.Name) || method.Name is "AsParameter" or "Parameter" or "detach":
                return held;
        }

        if (IsInPlace(method))
        {
            held.Fill = InitializerCatalog.Create(method.Name, arguments);
            return held;
        }

        return torchSharp.IsTensor(method.ReturnType) ? new HeldTensorValue(held.IsZero && method.Name is "unsqueeze" or "view" or "expand" or "repeat" ? held.Fill : null, null) : NotUnderstood(call);
    }

    /// <summary>Functions of several tensors.</summary>
    private Value CallTensors(SequenceValue tensors, IMethodSymbol method, Arguments arguments, SyntaxNode call)
    {
        if (tensors.Doubt is { } doubt)
        {
            return Opaque(doubt, call, [.. tensors.Items]);
        }

        return tensors.Items.Any(item => item is TensorValue) ? method.Name switch
        {
            "cat" or "concat" or "concatenate" => Concatenate([.. tensors.Items], arguments.Integer("dim"), call),
            "hstack" => Concatenate([.. tensors.Items], 1, call),
            _ => Opaque($"'{method.Name}' is not modelled", call, [.. tensors.Items]),
        }
        : tensors.Items.Count > 0 && tensors.Items.All(item => item is HeldTensorValue) ? new HeldTensorValue(null, null)
        : NotUnderstood(call);
    }

    /// <summary><c>torch.cat</c>: along the features, which is axis 1 or the last where nothing else is known, side by side; along others only a token, such as that of the class, beside a sequence is modelled.</summary>
    private Value Concatenate(Value[] parts, int? dimension, SyntaxNode call)
    {
        TensorLayout? layout = parts.OfType<TensorValue>().Select(part => part.Layout).FirstOrDefault(known => known is not null);
        if (layout?.RoleOf(dimension) == AxisRole.Position && parts.OfType<TensorValue>().Count() == 1 && parts.All(part => part is TensorValue or HeldTensorValue))
        {
            _recorder!.Assume("tokens of the network's own beside the sequence are like its others");
            return parts.OfType<TensorValue>().Single().As(layout.With(layout.IndexOf(dimension)!.Value, new Axis(AxisRole.Position)));
        }

        bool isAlongUnits = layout is null ? dimension is 1 or -1 : layout.RoleOf(dimension) == AxisRole.Unit;
        return isAlongUnits && parts.All(part => part is TensorValue)
            ? _recorder!.Add("cat", new ConcatLayer(), layout?.WithUnits(SumOfUnits(parts)), [.. parts.Cast<TensorValue>()])
            : Opaque("the concatenation is not along the features", call, parts);
    }

    private static int? SumOfUnits(IEnumerable<Value> parts) => parts.Cast<TensorValue>().Aggregate((int?)0, (sum, part) => sum + part.Layout?.Units);

    private Value Sum(TensorValue tensor, Value other, SyntaxNode call) => other switch
    {
        TensorValue second => _recorder!.Add("add", new AddLayer(), tensor.Layout ?? second.Layout, tensor, second),
        HeldTensorValue { IsZero: true } => tensor,
        HeldTensorValue held => _recorder!.Add("add", new AddLayer(), tensor.Layout, tensor, HeldInput(held)),
        _ => Opaque("the sum is not modelled", call, [tensor, other]),
    };

    private Value Product(TensorValue tensor, Value other, SyntaxNode call) => other switch
    {
        HeldTensorValue { Fill: Ones } => tensor,
        HeldTensorValue { Fill: Constant { Value: var factor } } => Node("scale", new ScaleLayer(factor), call, tensor),
        TensorValue second when IsGated(tensor, second) => Node("silu", new ActivationLayer(Activation.SiLU), call, tensor),
        TensorValue second when IsGated(second, tensor) => Node("silu", new ActivationLayer(Activation.SiLU), call, second),
        TensorValue second when _recorder!.AreIndependent(tensor.Node, second.Node) =>
            _recorder.Add("product", new ProductLayer(), (tensor.Layout?.Rank ?? 0) >= (second.Layout?.Rank ?? 0) ? tensor.Layout : second.Layout, tensor, second),
        HeldTensorValue { Fill: Normal } held => _recorder!.Add("product", new ProductLayer(), tensor.Layout, tensor, HeldInput(held)),
        TensorValue => Opaque("the product of two tensors that depend on each other is not modelled", call, [tensor, other]),
        _ => Opaque("the product with a tensor that is not known is not modelled", call, [tensor, other]),
    };

    /// <summary>x * sigmoid(x)</summary>
    private bool IsGated(TensorValue tensor, TensorValue gate) =>
        _recorder!.LayerOf(gate.Node) is ActivationLayer { Function: Sigmoid } && _recorder.InputsOf(gate.Node)[0] == tensor.Node;

    private Value Negative(Value value, SyntaxNode call) => value is TensorValue tensor ? Node("negative", new ScaleLayer(-1), call, tensor) : value;

    /// <summary>A product with a parameter of the class's own is a linear layer; its matrix is [in, out], transposed [out, in].</summary>
    private Value Weighted(TensorValue tensor, HeldTensorValue weights, bool isTransposed, SyntaxNode call)
    {
        if (weights.Sizes is not [var first, var second])
        {
            return Opaque("the product with a matrix of unknown size is not modelled", call, [tensor]);
        }

        (int? inputs, int? outputs) = isTransposed ? (second, first) : (first, second);
        var fans = new Fans(second ?? 1, first ?? 1);
        Initializer fill = weights.Fill switch
        {
            null or UnknownInitializer => new UnknownInitializer("what the matrix is filled with is not known"),
            Zeros zeros => zeros,
            var known => new Measured(known.Mean(fans), known.Variance(fans)),
        };
        return Node("matmul", new LinearLayer(inputs, outputs) { Weight = fill }, call, tensor);
    }

    /// <summary>The node that stands for a tensor which the code makes itself: another input, scaled as it is filled.</summary>
    private TensorValue HeldInput(HeldTensorValue held)
    {
        if (held.Node is { } known && _recorder!.Nodes.Any(node => node.Name == known))
        {
            return new TensorValue(known, null);
        }

        TensorValue input = _recorder!.Add("held", new InputLayer(), layout: null);
        double? deviation = held.Fill switch
        {
            Normal normal when normal.Mean(new Fans(1, 1)) == 0 => normal.StandardDeviation,
            Uniform uniform when uniform.Low == -uniform.High => uniform.High / System.Math.Sqrt(3),
            _ => null,
        };
        TensorValue scaled = deviation is { } factor and not 1 ? _recorder.Add("scale", new ScaleLayer(factor), layout: null, input) : input;
        held.Node = scaled.Node;
        return scaled;
    }

    private Value MatrixProduct(SyntaxNode where, Value[] factors) =>
        _recorder is { } recorder ? recorder.AddMatrixProduct(where, [.. factors.OfType<TensorValue>()]) : NotUnderstood(where);

    private Value Node(string name, Layer layer, SyntaxNode where, params TensorValue[] inputs) =>
        _recorder is { } recorder ? recorder.Add(name, layer, TensorLayout.After(layer, inputs[0].Layout), inputs) : NotUnderstood(where);

    private Value Opaque(string reason, SyntaxNode where, params Value[] inputs) =>
        _recorder is { } recorder ? recorder.AddOpaque(reason, where, [.. inputs.OfType<TensorValue>()]) : new UnknownValue(reason);

    /// <summary>The tensor; an unknown one becomes an opaque node, so that the graph tells where it stops being known.</summary>
    private TensorValue TensorOf(Value value, SyntaxNode where) => value switch
    {
        TensorValue tensor => tensor,
        HeldTensorValue held => HeldInput(held),
        UnknownValue unknown => _recorder!.AddOpaque(unknown.Reason, where),
        _ => _recorder!.AddOpaque($"the input in '{Shortened(where)}' is not a tensor of the network", where),
    };
}
