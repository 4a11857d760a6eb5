using System.Collections.Generic;
using System.Collections.Immutable;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>What the interpreter knows about the result of an expression.</summary>
internal abstract class Value
{
    /// <summary>The number, where it is a constant one.</summary>
    public double? Number => this is ConstantValue { Constant: var constant } ? ConstantValue.ToNumber(constant) : null;

    /// <summary>The whole number, where it is a constant one that fits.</summary>
    public int? Integer => Number is { } number && number == (int)number ? (int)number : null;
}

/// <summary>Something that the interpreter does not know, and why: it is carried along, never guessed.</summary>
internal sealed class UnknownValue(string reason) : Value
{
    public string Reason { get; } = reason;
}

/// <summary>A number, string, Boolean, enum member or null.</summary>
internal sealed class ConstantValue(object? constant) : Value
{
    public static readonly ConstantValue Null = new(null);

    public object? Constant { get; } = constant;

    public static double? ToNumber(object? constant) => constant switch
    {
        int i => i,
        long l => l,
        double d => d,
        float f => f,
        uint u => u,
        ulong u => u,
        short s => s,
        byte b => b,
        decimal m => (double)m,
        _ => null,
    };
}

/// <summary>A type, as <c>module.GetType()</c> and <c>typeof(Linear)</c> give it.</summary>
internal sealed class TypeValue(ITypeSymbol type) : Value
{
    public ITypeSymbol Type { get; } = type;
}

/// <summary>The size of an axis of a tensor, which nobody knows before the network runs: <c>x.shape[0]</c>.</summary>
internal sealed class SizeValue(AxisRole role) : Value
{
    public AxisRole Role { get; } = role;
}

/// <summary>The shape of a tensor; null where not even its rank is known.</summary>
internal sealed class ShapeValue(TensorLayout? layout) : Value
{
    public TensorLayout? Layout { get; } = layout;

    /// <summary>The size of an axis. The first axis is that of the batch where nothing says otherwise.</summary>
    public Value? this[int? index] =>
        Layout is null ? index == 0 ? new SizeValue(AxisRole.Batch) : null
        : Layout.IndexOf(index) is not { } known ? null
        : Layout[known].Size is { } size ? new ConstantValue(size)
        : new SizeValue(Layout[known].Role);
}

/// <summary>
/// A tensor of the network: the output of a node of the graph that is being recorded. It has identity: after an operation in place
/// all who hold it see the result.
/// </summary>
internal sealed class TensorValue(string node, TensorLayout? layout) : Value
{
    public string Node { get; set; } = node;

    /// <summary>What its axes count; null where even their number is not known.</summary>
    public TensorLayout? Layout { get; set; } = layout;

    /// <summary>The same values, seen with other axes.</summary>
    public TensorValue As(TensorLayout? layout) => new(Node, layout);
}

/// <summary>
/// A tensor that does not come from the network's input: a mask, a table of positions, an initial state, or a parameter of the class's own.
/// </summary>
/// <param name="fill">How its elements are drawn; null where that is not known.</param>
/// <param name="sizes">Its sizes; null where they are not known.</param>
internal sealed class HeldTensorValue(Initializer? fill, IReadOnlyList<int?>? sizes) : Value
{
    public Initializer? Fill { get; set; } = fill;

    public IReadOnlyList<int?>? Sizes { get; } = sizes;

    /// <summary>The node that stands for it in the graph that is being recorded, once it has been used.</summary>
    public string? Node { get; set; }

    public bool IsZero => Fill is Zeros;
}

/// <summary>The weight or bias of a layer, as initializers are handed it.</summary>
internal sealed class ParameterValue(LayerModule layer, ParameterRole role) : Value
{
    public LayerModule Layer { get; } = layer;

    public ParameterRole Role { get; } = role;
}

internal enum ParameterRole
{
    /// <summary>The weights; of a recurrent layer those that act on its state.</summary>
    Weight,
    Bias,

    /// <summary>Of a recurrent layer, the weights that act on its input.</summary>
    InputWeight,
}

/// <summary>An array, list or other sequence. Lists are filled as the program runs, so it can be added to.</summary>
internal sealed class SequenceValue(IEnumerable<Value> items) : Value
{
    public List<Value> Items { get; } = [.. items];

    /// <summary>Set once something unknown was done to the sequence: its contents can then no longer be trusted.</summary>
    public string? Doubt { get; set; }
}

internal sealed class TupleValue(IReadOnlyList<Value> items) : Value
{
    public IReadOnlyList<Value> Items { get; } = items;
}

/// <summary>A dictionary with known keys.</summary>
internal sealed class DictionaryValue : Value
{
    public List<KeyValuePair<object, Value>> Items { get; } = [];

    /// <summary>Set once something unknown was done to the dictionary: its contents can then no longer be trusted.</summary>
    public string? Doubt { get; set; }

    public Value? this[object key]
    {
        get => Items.Find(item => Equals(item.Key, key)) is { Value: { } value } ? value : null;
        set
        {
            Items.RemoveAll(item => Equals(item.Key, key));
            Items.Add(new KeyValuePair<object, Value>(key, value!));
        }
    }

    /// <summary>What an enumeration of it gives: pairs that have a key and a value.</summary>
    public IEnumerable<Value> Pairs => Items.ConvertAll<Value>(item => new TupleValue([new ConstantValue(item.Key), item.Value]));
}

/// <summary>An instance of a class, record or structure that the user wrote and that is no module, such as a configuration.</summary>
internal sealed class ObjectValue(INamedTypeSymbol type) : Value, IInstance
{
    public Value AsValue => this;

    public INamedTypeSymbol InstanceType { get; } = type;

    public Dictionary<ISymbol, Value> Members { get; } = new(SymbolEqualityComparer.Default);

    public Dictionary<ISymbol, Value> ConstructorArguments { get; } = new(SymbolEqualityComparer.Default);

    public void Hold(ISymbol member, Value value) => Members[member.OriginalDefinition] = value;
}

/// <summary>An instance of a type that the user wrote: what <c>this</c> can be.</summary>
internal interface IInstance
{
    INamedTypeSymbol InstanceType { get; }

    Value AsValue { get; }

    /// <summary>Fields and automatic properties, by their original definitions.</summary>
    Dictionary<ISymbol, Value> Members { get; }

    /// <summary>What the constructor was called with; the parameters of a primary constructor are seen everywhere in the class.</summary>
    Dictionary<ISymbol, Value> ConstructorArguments { get; }

    /// <summary>Gives a field or automatic property its value.</summary>
    void Hold(ISymbol member, Value value);
}

/// <summary>Something that can be called: a delegate.</summary>
internal abstract class CallableValue : Value;

/// <summary>A method of TorchSharp that is handed on, such as <c>nn.ReLU</c> as a <c>Func</c>.</summary>
internal sealed class TorchSharpMethodValue(IMethodSymbol method) : CallableValue
{
    public IMethodSymbol Method { get; } = method;
}

/// <summary>A lambda, local function or method group, with the variables that it sees.</summary>
internal sealed class FunctionValue(ImmutableArray<IParameterSymbol> parameters, IOperation body, Frame closure) : CallableValue
{
    public ImmutableArray<IParameterSymbol> Parameters { get; } = parameters;

    public IOperation Body { get; } = body;

    public Frame Closure { get; } = closure;
}
