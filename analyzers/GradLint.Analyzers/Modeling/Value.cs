using System.Collections.Generic;
using System.Collections.Immutable;
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

/// <summary>
/// A tensor of the network: the output of a node of the graph that is being recorded. It has identity: after an operation in place
/// all who hold it see the result.
/// </summary>
internal sealed class TensorValue(string node) : Value
{
    public string Node { get; set; } = node;
}

/// <summary>The weight or bias of a layer, as initializers are handed it.</summary>
internal sealed class ParameterValue(LayerModule layer, ParameterRole role) : Value
{
    public LayerModule Layer { get; } = layer;

    public ParameterRole Role { get; } = role;
}

internal enum ParameterRole
{
    Weight,
    Bias,
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

/// <summary>A lambda, local function or method group, with the variables that it sees.</summary>
internal sealed class FunctionValue(ImmutableArray<IParameterSymbol> parameters, IOperation body, Frame closure) : Value
{
    public ImmutableArray<IParameterSymbol> Parameters { get; } = parameters;

    public IOperation Body { get; } = body;

    public Frame Closure { get; } = closure;
}
