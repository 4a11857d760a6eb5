using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <content>Operations on tensors that arrange, pick or average their elements.</content>
internal sealed partial class Interpreter
{
    /// <summary>Null for a function that does something else.</summary>
    private Value? Reshape(string function, TensorValue tensor, Value[] others, Arguments arguments, SyntaxNode call)
    {
        // However the elements of the input are arranged, they are what the first layer gets.
        bool isInput = _recorder!.IsInput(tensor.Node);
        switch (function)
        {
            case "view" or "reshape" or "flatten" or "squeeze" or "unsqueeze" or "permute" or "transpose" or "swapaxes" or "swapdims" or "t" or "select" or "narrow"
                or "expand" or "unflatten" when isInput:
                return tensor.As(null);
            case "view" or "reshape":
                return View(tensor, SizesIn(others), call);
            case "flatten":
                return Flatten(tensor, arguments.Integer("start_dim") ?? 0, arguments.Integer("end_dim") ?? -1, call);
            case "squeeze":
                return Squeeze(tensor, others, call);
            case "unsqueeze" when others is [{ Integer: { } dimension }]:
                int index = dimension < 0 ? dimension + (tensor.Layout?.Rank ?? 0) + 1 : dimension;
                return tensor.As(tensor.Layout is { } layout && index <= layout.Rank && index >= 0 ? layout.WithInserted(index, new Axis(AxisRole.Position, 1)) : null);
            case "permute":
                return Permute(tensor, [.. SizesIn(others).Select(axis => tensor.Layout?.IndexOf(axis.Integer) ?? -1)], call);
            case "transpose" or "swapaxes" or "swapdims" when others is [var first, var second]:
                return Transpose(tensor, first.Integer, second.Integer, call);
            case "t":
                return Transpose(tensor, 0, 1, call);
            case "select" when others is [var axis, var place]:
                return Select(tensor, tensor.Layout?.IndexOf(axis.Integer), place.Integer, call);
            case "pad" when others.Any(other => other is UnknownValue or SequenceValue { Doubt: null, Items: [UnknownValue or SizeValue, ..] }):
                _recorder.Assume("padding by sizes that are not known adds nothing");
                return tensor;
            case "mean":
                return Mean(tensor, arguments, call);
            case "chunk" when others is [{ Integer: > 0 and { } parts }, var along]:
                return Parts(tensor, parts, along.Integer, call);
            case "split" when others is [{ Integer: > 0 and { } size }, var along] && tensor.Layout?.Units is { } units && units % size == 0:
                return Parts(tensor, units / size, along.Integer, call);
            default:
                return null;
        }
    }

    /// <summary>Sizes or axes, given one by one or as a list.</summary>
    private static IReadOnlyList<Value> SizesIn(IReadOnlyList<Value> values) => values is [SequenceValue { Doubt: null } list, ..] ? list.Items : values;

    private Value View(TensorValue tensor, IReadOnlyList<Value> sizes, SyntaxNode call)
    {
        Value last = sizes.Count > 0 ? sizes[sizes.Count - 1] : ConstantValue.Null;
        switch (tensor.Layout)
        {
            case null when sizes.Count == 2:
                return Flattened(tensor, call);
            case null:
                return tensor.As(sizes.Count == 1 ? new TensorLayout([new Axis(AxisRole.Batch)]) : PictureOf(sizes));
            case { HasPositions: false }:
                return tensor.As(sizes.Count == 2 ? TensorLayout.Vectors(last.Integer is > 0 and int units ? units : tensor.Layout.Units) : PictureOf(sizes));
            case { Rank: 3 } sequence when sizes.Count == 4 && sequence[2].Role == AxisRole.Unit && sequence[0].Role == AxisRole.Batch:
                return tensor.As(new TensorLayout([sequence[0], sequence[1], new Axis(AxisRole.Unit, sizes[2].Integer), new Axis(AxisRole.Unit, sizes[3].Integer)]));
            case { Rank: 4 } heads when sizes.Count == 3 && heads[2].Role == AxisRole.Unit && heads[3].Role == AxisRole.Unit:
                return tensor.As(new TensorLayout([heads[0], heads[1], new Axis(AxisRole.Unit, heads.Units)]));
            case { } picture when sizes.Count == 3 && picture[1].Role == AxisRole.Unit && IsUnits(sizes[1], picture) && last.Integer == -1:
                return tensor.As(new TensorLayout([picture[0], picture[1], new Axis(AxisRole.Position)]));
            case { } layout when sizes.Count == 2:
                return IsPicture(layout) ? Flattened(tensor, call)
                    : IsUnits(last, layout) ? tensor.As(TensorLayout.Vectors(layout.Units))
                    : IsBatch(sizes[0]) || last.Integer == -1 || (last.Integer is not null && layout.Units is not null) ? Flattened(tensor, call)
                    : Opaque("whether the view joins steps or features is not known", call, [tensor]);
            default:
                return Opaque("how the view arranges the elements is not known", call, [tensor]);
        }
    }

    private static bool IsPicture(TensorLayout layout) => layout.Rank > 2 && layout[1].Role == AxisRole.Unit;

    private static bool IsBatch(Value size) => size is SizeValue { Role: AxisRole.Batch };

    private static bool IsUnits(Value size, TensorLayout layout) => size is SizeValue { Role: AxisRole.Unit } || (size.Integer is > 0 and int units && units == layout.Units);

    /// <summary>[batch, channels, height, width] where a vector becomes a picture; null where it may be something else.</summary>
    private static TensorLayout? PictureOf(IReadOnlyList<Value> sizes) => sizes.Count == 4 && sizes.Skip(1).All(size => size.Integer is > 0)
        ? new TensorLayout([
            new Axis(AxisRole.Batch), new Axis(AxisRole.Unit, sizes[1].Integer), new Axis(AxisRole.Position, sizes[2].Integer), new Axis(AxisRole.Position, sizes[3].Integer)])
        : null;

    private Value Flattened(TensorValue tensor, SyntaxNode call) => Node("flatten", new FlattenLayer(), call, tensor);

    private Value Flatten(TensorValue tensor, int start, int end, SyntaxNode call) => tensor.Layout switch
    {
        { HasPositions: false } => tensor,
        var any when start is 0 or 1 && (end == -1 || end == any?.Rank - 1) => Flattened(tensor, call),
        { } picture when start == 2 && IsPicture(picture) && end == -1 => tensor.As(new TensorLayout([picture[0], picture[1], new Axis(AxisRole.Position)])),
        { } layout when start == 0 && end == 1 && layout.Rank == 3 && layout[2].Role == AxisRole.Unit => tensor.As(TensorLayout.Vectors(layout.Units)),
        _ => Opaque("how 'flatten' arranges the elements is not known", call, [tensor]),
    };

    private Value Squeeze(TensorValue tensor, IReadOnlyList<Value> dimensions, SyntaxNode call)
    {
        if (tensor.Layout is not { } layout)
        {
            return tensor;
        }

        int? only = dimensions.Count > 0 ? layout.IndexOf(dimensions[0].Integer) : null;
        TensorLayout squeezed = new(layout.Axes.Where((axis, i) => only is { } index ? i != index : axis.Size != 1));
        return IsPicture(layout) && !squeezed.HasPositions ? Flattened(tensor, call) : tensor.As(squeezed);
    }

    private Value Transpose(TensorValue tensor, int? first, int? second, SyntaxNode call)
    {
        if (tensor.Layout is not { } layout)
        {
            return tensor;
        }

        int[] order = [.. Enumerable.Range(0, layout.Rank)];
        if (layout.IndexOf(first) is not { } a || layout.IndexOf(second) is not { } b)
        {
            return Opaque("which axes are transposed is not known", call, [tensor]);
        }

        (order[a], order[b]) = (order[b], order[a]);
        return Permute(tensor, order, call);
    }

    private Value Permute(TensorValue tensor, IReadOnlyList<int> order, SyntaxNode call)
    {
        if (tensor.Layout is not { } layout)
        {
            return tensor;
        }

        if (order.Count != layout.Rank || order.Any(axis => axis < 0))
        {
            return Opaque("which axes are permuted is not known", call, [tensor]);
        }

        TensorLayout permuted = layout.Permuted(order);
        AxisRole[] before = RolesOf(layout);
        AxisRole[] after = RolesOf(permuted);
        return before.SequenceEqual(after) || before.Count(role => role == AxisRole.Unit) != 1 ? tensor.As(permuted)
            : layout.Axes.All(axis => axis is { Role: not AxisRole.Position } or { Size: 1 }) ? ((TensorValue)Flattened(tensor, call)).As(permuted)
            : after[0] == AxisRole.Unit || after[after.Length - 1] == AxisRole.Unit ? _recorder!.Add("transpose", new TransposeLayer(), permuted, tensor)
            : Opaque("moving the features between other axes is not modelled", call, [tensor]);
    }

    private static AxisRole[] RolesOf(TensorLayout layout) => [.. layout.Axes.Select(axis => axis.Role).Where(role => role is AxisRole.Unit or AxisRole.Position)];

    /// <summary>One place along an axis.</summary>
    private Value Select(TensorValue tensor, int? axis, int? place, SyntaxNode call) => (tensor.Layout, axis) switch
    {
        (null, _) or (_, null) => Opaque("which axis is selected from is not known", call, [tensor]),
        ({ } layout, { } index) => layout[index] switch
        {
            { Role: AxisRole.Position, Size: 1 } => tensor.As(layout.Without(index)),
            { Role: AxisRole.Position } when layout.Axes.Count(other => other.Role == AxisRole.Position) == 1
                => _recorder!.Add("select", new SelectLayer(), layout.Without(index), tensor),
            { Role: AxisRole.Layer } layers when place == -1 || place == layers.Size - 1 => tensor.As(layout.Without(index)),
            _ => Opaque("selecting one of several features, samples or layers is not modelled", call, [tensor]),
        },
    };

    /// <summary>The features in equal parts, as gates and the queries, keys and values of an attention are made.</summary>
    private Value Parts(TensorValue tensor, int count, int? axis, SyntaxNode call)
    {
        bool isAlongUnits = tensor.Layout is { } layout ? layout.RoleOf(axis) == AxisRole.Unit : axis == -1;
        return isAlongUnits && count <= ModelingLimits.LoopTrips
            ? new SequenceValue(Enumerable.Range(0, count)
                .Select(_ => _recorder!.Add("part", new SliceLayer(1.0 / count), tensor.Layout?.WithUnits(tensor.Layout.Units / count), tensor)).ToArray())
            : Opaque("splitting along other axes than the features is not modelled", call, [tensor]);
    }

    /// <summary>The mean over all positions.</summary>
    private Value Mean(TensorValue tensor, Arguments arguments, SyntaxNode call)
    {
        Value given = arguments["dimensions"] is not UnknownValue ? arguments["dimensions"] : arguments["dim"];
        Value[] dimensions = given is SequenceValue { Doubt: null } list ? [.. list.Items] : [given];
        int?[] axes = [.. dimensions.Select(dimension => tensor.Layout?.IndexOf(dimension.Integer))];
        bool isOverPositions = tensor.Layout is { HasPositions: true } layout && axes.All(axis => axis is not null)
            && layout.Axes.Select((axis, i) => (axis, i)).All(one => axes.Contains(one.i) == (one.axis.Role == AxisRole.Position));
        if (!isOverPositions && IsCentring(tensor, dimensions, arguments))
        {
            _recorder!.Assume("the mean over the outputs of a layer is 0");
            return new HeldTensorValue(new Zeros(), null);
        }

        if (!isOverPositions)
        {
            return Opaque("a mean over other than all positions is not modelled", call, [tensor]);
        }

        return arguments.Flag("keepdim") == true
            ? Node("mean", new AdaptiveAvgPoolLayer([.. axes.Select(_ => 1)]), call, tensor)
            : Node("mean", new MeanLayer(), call, tensor);
    }

    /// <summary>The mean over what a layer with weights gives for one sample, as it is subtracted from the advantages of actions.</summary>
    private bool IsCentring(TensorValue tensor, Value[] dimensions, Arguments arguments) => arguments.Flag("keepdim") == true && dimensions is [{ Integer: { } dimension }]
        && (tensor.Layout is { } layout ? layout.RoleOf(dimension) == AxisRole.Unit : dimension is 1 or -1) && _recorder!.LayerOf(tensor.Node) is LinearLayer;

    /// <summary><c>x[..]</c></summary>
    private Value Index(TensorValue tensor, IEnumerable<IOperation> indices, SyntaxNode where, Frame frame)
    {
        if (_recorder is null || _recorder.IsInput(tensor.Node))
        {
            return tensor.As(null);
        }

        Value result = tensor;
        TensorIndex[] all = [.. indices.SelectMany(TensorIndex.Written).Select(index => TensorIndex.Of(index, operation => Evaluate(operation, frame)))];
        int axis = 0;
        for (int i = 0; i < all.Length && result is TensorValue { Layout: var layout } current; i++)
        {
            switch (all[i].Kind)
            {
                case TensorIndexKind.All:
                    axis++;
                    break;
                case TensorIndexKind.Ellipsis:
                    axis = (layout?.Rank ?? 0) - all.Skip(i + 1).Count(index => index.Kind != TensorIndexKind.NewAxis);
                    break;
                case TensorIndexKind.One:
                    // With an index for each of three axes it is a sequence: the axis in the middle counts the steps.
                    current.Layout ??= layout is null && all.Length == 3 && i == 1 ? TensorLayout.Sequence(null, isBatchFirst: true) : null;
                    result = Select(current, current.Layout?.IndexOf(axis), all[i].Place, where);
                    break;
                default:
                    return Opaque("a slice of a tensor is not modelled", where, [tensor]);
            }
        }

        return result;
    }
}
