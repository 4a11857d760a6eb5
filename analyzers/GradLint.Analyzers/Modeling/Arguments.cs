using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>The values that a call was given, by parameter name; omitted ones have their declared defaults.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, Value> _ofParameter = [];
    private readonly HashSet<string> _enums = [];
    private readonly List<Value> _inOrder = [];

    /// <summary>Evaluates each argument once: an argument may call a layer, and each call counts.</summary>
    public Arguments(ImmutableArray<IArgumentOperation> arguments, Func<IOperation, Value> evaluate)
    {
        foreach (IArgumentOperation argument in arguments)
        {
            Value value = evaluate(argument.Value);
            _inOrder.Add(value);
            if (argument.Parameter is { } parameter)
            {
                _ofParameter[parameter.Name] = value;
                if (parameter.Type.TypeKind == TypeKind.Enum)
                {
                    _enums.Add(parameter.Name);
                }
            }
        }
    }

    /// <summary>The values that a delegate was given; what is missing has its declared default.</summary>
    public Arguments(ImmutableArray<IParameterSymbol> parameters, IReadOnlyList<Value> values)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            IParameterSymbol parameter = parameters[i];
            Value value = i < values.Count ? values[i]
                : parameter.HasExplicitDefaultValue ? new ConstantValue(parameter.ExplicitDefaultValue)
                : new UnknownValue($"no argument '{parameter.Name}'");
            _inOrder.Add(value);
            _ofParameter[parameter.Name] = value;
            if (parameter.Type.TypeKind == TypeKind.Enum)
            {
                _enums.Add(parameter.Name);
            }
        }
    }

    /// <summary>All values, in the order of evaluation.</summary>
    public IReadOnlyList<Value> InOrder => _inOrder;

    public Value this[string parameter] =>
        _ofParameter.TryGetValue(parameter, out Value? value) ? value : new UnknownValue($"no argument '{parameter}'");

    public double? Number(string parameter) => this[parameter].Number;

    public int? Integer(string parameter) => this[parameter].Integer;

    /// <summary>One size for each axis, given as one number for all, as a list or as a tuple; null where omitted or unknown.</summary>
    public IReadOnlyList<int>? Sizes(string parameter, int axes)
    {
        int?[] sizes = this[parameter] switch
        {
            SequenceValue { Doubt: null } list => [.. list.Items.Select(item => item.Integer)],
            TupleValue tuple => [.. tuple.Items.Select(item => item.Integer)],
            { Integer: { } size } => [.. Enumerable.Repeat<int?>(size, axes)],
            _ => [],
        };
        return sizes.Length > 0 && sizes.All(size => size is not null) ? [.. sizes.Select(size => size!.Value)] : null;
    }

    /// <summary>Whether the argument is there, and not null.</summary>
    public bool IsGiven(string parameter) =>
        _ofParameter.TryGetValue(parameter, out Value? value) && value is not ConstantValue { Constant: null };

    /// <summary>Whether the argument is an extent of the tensor itself: what a global pool is written with.</summary>
    public bool IsExtent(string parameter) => this[parameter] switch
    {
        SizeValue { Role: AxisRole.Position } => true,
        SequenceValue { Doubt: null } list => list.Items.Count > 0 && list.Items.TrueForAll(IsExtent),
        TupleValue tuple => tuple.Items.All(IsExtent),
        _ => false,
    };

    private static bool IsExtent(Value value) => value is SizeValue { Role: AxisRole.Position };

    /// <summary>Whether the parameter is of an enum type, such as <c>Padding.Same</c>: its number is no size.</summary>
    public bool IsEnum(string parameter) => _enums.Contains(parameter);

    public bool? Flag(string parameter) => this[parameter] is ConstantValue { Constant: bool flag } ? flag : null;
}
