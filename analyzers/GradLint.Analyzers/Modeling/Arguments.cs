using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>The values that a call was given, by parameter name; omitted ones have their declared defaults.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, Value> _ofParameter = [];
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
            }
        }
    }

    /// <summary>All values, in the order of evaluation.</summary>
    public IReadOnlyList<Value> InOrder => _inOrder;

    public Value this[string parameter] =>
        _ofParameter.TryGetValue(parameter, out Value? value) ? value : new UnknownValue($"no argument '{parameter}'");

    public double? Number(string parameter) => this[parameter].Number;

    public int? Integer(string parameter) => this[parameter].Integer;

    public bool? Flag(string parameter) => this[parameter] is ConstantValue { Constant: bool flag } ? flag : null;
}
