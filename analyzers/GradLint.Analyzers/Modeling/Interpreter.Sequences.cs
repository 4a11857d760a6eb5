using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <content>Arrays, lists and the LINQ that models are built with.</content>
internal sealed partial class Interpreter
{
    /// <summary>A new list, from another sequence, from an initializer, or empty.</summary>
    private SequenceValue Collection(IObjectCreationOperation operation, Frame frame)
    {
        var sequence = new SequenceValue([]);
        foreach (IArgumentOperation argument in operation.Arguments)
        {
            switch (Evaluate(argument.Value, frame))
            {
                case SequenceValue { Doubt: null } source:
                    sequence.Items.AddRange(source.Items);
                    break;
                case ModuleValue module:
                    sequence.Items.Add(module);
                    break;
                case UnknownValue unknown when argument.Value.Type?.SpecialType != SpecialType.System_Int32:
                    sequence.Doubt = unknown.Reason;
                    break;
            }
        }

        if (operation.Initializer is not { } initializer)
        {
            return sequence;
        }

        foreach (IOperation added in initializer.Initializers)
        {
            if (added is IInvocationOperation { Arguments: [var item] })
            {
                sequence.Items.Add(Evaluate(item.Value, frame));
            }
            else
            {
                sequence.Doubt = "its initializer is not understood";
            }
        }

        return sequence;
    }

    private Value CallSequenceMethod(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        if (method is { Name: "Range", ContainingType.Name: "Enumerable" } && operation.Arguments.Length == 2)
        {
            return Evaluate(operation.Arguments[0].Value, frame).Integer is { } start
                && Evaluate(operation.Arguments[1].Value, frame).Integer is >= 0 and <= ModelingLimits.LoopTrips and int count
                ? new SequenceValue(Enumerable.Range(start, count).Select(i => new ConstantValue(i)))
                : NotUnderstood(operation);
        }

        if (method.ContainingType is { Name: "Math", ContainingNamespace.Name: "System" })
        {
            return CallMath(operation, method.Name, frame);
        }

        Value? instance = operation.Instance is null ? null : Evaluate(operation.Instance, frame);
        Value[] values = [.. operation.Arguments.Select(argument => Evaluate(argument.Value, frame))];
        return (instance ?? values.FirstOrDefault()) switch
        {
            SequenceValue sequence => CallSequence(sequence, [.. values.Skip(instance is null ? 1 : 0)], operation),
            ConstantValue { Constant: string text } => CallString(text, method.Name, values, operation),
            UnknownValue unknown => unknown,
            _ => NotUnderstood(operation),
        };
    }

    private Value CallSequence(SequenceValue sequence, IReadOnlyList<Value> arguments, IInvocationOperation operation)
    {
        if (sequence.Doubt is { } doubt)
        {
            return new UnknownValue(doubt);
        }

        switch (operation.TargetMethod.Name, arguments)
        {
            case ("Add" or "append", [var item]):
                sequence.Items.Add(item);
                return ConstantValue.Null;
            case ("AddRange", [SequenceValue { Doubt: null } more]):
                sequence.Items.AddRange(more.Items);
                return ConstantValue.Null;
            case ("ToArray" or "ToList" or "AsEnumerable" or "Cast", []):
                return new SequenceValue(sequence.Items);
            case ("Reverse", []) when operation.Instance is null:
                return new SequenceValue(Enumerable.Reverse(sequence.Items));
            case ("Concat", [SequenceValue { Doubt: null } more]):
                return new SequenceValue(sequence.Items.Concat(more.Items));
            case ("Append", [var item]):
                return new SequenceValue(sequence.Items.Append(item));
            case ("Select", [FunctionValue select]):
                return new SequenceValue(sequence.Items.Select((item, i) => Call(select, [item, new ConstantValue(i)])).ToArray());
            case ("SelectMany", [FunctionValue select]):
                return Flatten(sequence.Items.Select(item => Call(select, [item])).ToArray(), operation);
            case ("Where", [FunctionValue condition]):
                return Filter(sequence, condition, operation);
            case ("ForEach", [FunctionValue action]):
                sequence.Items.ForEach(item => Call(action, [item]));
                return ConstantValue.Null;
            case ("OfType", []) when operation.TargetMethod.TypeArguments is [var type]:
                return new SequenceValue(sequence.Items.Where(item => IsInstanceOf(item, type) != false));
            case ("Count", []):
                return new ConstantValue(sequence.Items.Count);
            case ("Last", []) when sequence.Items.Count > 0:
                return sequence.Items[sequence.Items.Count - 1];
            case ("First", []) when sequence.Items.Count > 0:
                return sequence.Items[0];
            default:
                return CallUnknown(sequence, operation);
        }
    }

    private Value Filter(SequenceValue sequence, FunctionValue condition, IInvocationOperation operation)
    {
        var kept = new List<Value>();
        foreach (Value item in sequence.Items)
        {
            if (Call(condition, [item]) is not ConstantValue { Constant: bool keep })
            {
                return NotUnderstood(operation);
            }

            if (keep)
            {
                kept.Add(item);
            }
        }

        return new SequenceValue(kept);
    }

    private static Value Flatten(Value[] inner, IOperation operation) =>
        inner.All(items => items is SequenceValue { Doubt: null })
            ? new SequenceValue(inner.Cast<SequenceValue>().SelectMany(items => items.Items))
            : NotUnderstood(operation);

    /// <summary>A method that only reads leaves the sequence as it is; any other may have changed it.</summary>
    private static Value CallUnknown(SequenceValue sequence, IInvocationOperation operation)
    {
        if (operation.TargetMethod.ReturnsVoid)
        {
            sequence.Doubt = $"'{operation.TargetMethod.Name}' is not understood";
        }

        return NotUnderstood(operation);
    }

    private static Value CallString(string text, string method, Value[] arguments, IInvocationOperation operation) => (method, arguments) switch
    {
        ("EndsWith", [ConstantValue { Constant: string end }, ..]) => new ConstantValue(text.EndsWith(end, StringComparison.Ordinal)),
        ("StartsWith", [ConstantValue { Constant: string start }, ..]) => new ConstantValue(text.StartsWith(start, StringComparison.Ordinal)),
        ("Contains", [ConstantValue { Constant: string part }, ..]) => new ConstantValue(text.Contains(part)),
        _ => NotUnderstood(operation),
    };

    private Value CallMath(IInvocationOperation operation, string method, Frame frame)
    {
        double?[] numbers = [.. operation.Arguments.Select(argument => Evaluate(argument.Value, frame).Number)];
        return (method, numbers) switch
        {
            ("Sqrt", [{ } x]) => new ConstantValue(Math.Sqrt(x)),
            ("Pow", [{ } x, { } y]) => new ConstantValue(Math.Pow(x, y)),
            ("Log", [{ } x]) => new ConstantValue(Math.Log(x)),
            ("Exp", [{ } x]) => new ConstantValue(Math.Exp(x)),
            ("Min", [{ } x, { } y]) => new ConstantValue(Math.Min(x, y)),
            ("Max", [{ } x, { } y]) => new ConstantValue(Math.Max(x, y)),
            ("Abs", [{ } x]) => new ConstantValue(Math.Abs(x)),
            ("Floor", [{ } x]) => new ConstantValue(Math.Floor(x)),
            ("Ceiling", [{ } x]) => new ConstantValue(Math.Ceiling(x)),
            _ => NotUnderstood(operation),
        };
    }
}
