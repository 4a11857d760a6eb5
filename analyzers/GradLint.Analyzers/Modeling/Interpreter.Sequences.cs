using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;
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
                case DictionaryValue { Doubt: null } source:
                    sequence.Items.AddRange(source.Pairs);
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

    private static bool IsDictionary(INamedTypeSymbol type) => type.AllInterfaces.Any(i => i.Name == "IDictionary");

    private DictionaryValue Dictionary(IObjectCreationOperation operation, Frame frame)
    {
        var dictionary = new DictionaryValue();
        AddAll(dictionary, [.. operation.Arguments.Select(argument => Evaluate(argument.Value, frame))]);
        foreach (IOperation added in operation.Initializer?.Initializers ?? ImmutableArray<IOperation>.Empty)
        {
            switch (added)
            {
                case IInvocationOperation { Arguments: [var key, var value] }:
                    AddTo(dictionary, Evaluate(key.Value, frame), Evaluate(value.Value, frame));
                    break;
                case IInvocationOperation { Arguments: [var pair] }:
                    AddAll(dictionary, [Evaluate(pair.Value, frame)]);
                    break;
                case ISimpleAssignmentOperation { Target: IPropertyReferenceOperation { Arguments: [var key] } } assignment:
                    AddTo(dictionary, Evaluate(key.Value, frame), Evaluate(assignment.Value, frame));
                    break;
                default:
                    dictionary.Doubt = "its initializer is not understood";
                    break;
            }
        }

        return dictionary;
    }

    private static void AddTo(DictionaryValue dictionary, Value key, Value value)
    {
        if (KeyOf(key) is { } known)
        {
            dictionary[known] = value;
        }
        else
        {
            dictionary.Doubt = "one of its keys is not known";
        }
    }

    private static void AddAll(DictionaryValue dictionary, IEnumerable<Value> values)
    {
        // A list can hold itself.
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (Value value in values)
        {
            switch (value)
            {
                case TupleValue { Items: [var key, var item] }:
                    AddTo(dictionary, key, item);
                    break;
                case ConstantValue:
                    // A capacity, or a comparer that is not there.
                    break;
                default:
                    if (ItemsOf(value) is { } items)
                    {
                        AddAll(dictionary, items);
                    }
                    else
                    {
                        dictionary.Doubt = "what it is filled with is not known";
                    }

                    break;
            }
        }
    }

    private static Value CallDictionary(DictionaryValue dictionary, IReadOnlyList<Value> arguments, IOperation operation, IMethodSymbol method)
    {
        if (dictionary.Doubt is { } doubt)
        {
            return new UnknownValue(doubt);
        }

        switch (method.Name, arguments)
        {
            case ("Add" or "add", [var key, var value]):
                AddTo(dictionary, key, value);
                return ConstantValue.Null;
            case ("Add" or "add", [TupleValue pair]):
                AddAll(dictionary, [pair]);
                return ConstantValue.Null;
            case ("ContainsKey", [var key]) when KeyOf(key) is { } known:
                return new ConstantValue(dictionary[known] is not null);
            case ("values", []):
                return new SequenceValue(dictionary.Items.Select(item => item.Value));
            case ("keys", []):
                return new SequenceValue(dictionary.Items.Select(item => new ConstantValue(item.Key)));
            case ("items", []):
                return new SequenceValue(dictionary.Pairs);
            default:
                if (method.ReturnsVoid)
                {
                    dictionary.Doubt = $"'{method.Name}' is not understood";
                }

                return NotUnderstood(operation);
        }
    }

    /// <summary>The parts of the .NET libraries that models are built with.</summary>
    private Value CallLibrary(IInvocationOperation operation, IMethodSymbol method, Frame frame)
    {
        if (method is { Name: "Range", ContainingType.Name: "Enumerable" } && operation.Arguments.Length == 2)
        {
            return Evaluate(operation.Arguments[0].Value, frame).Integer is { } start
                && Evaluate(operation.Arguments[1].Value, frame).Integer is >= 0 and <= ModelingLimits.LoopTrips and int count
                ? new SequenceValue(Enumerable.Range(start, count).Select(i => new ConstantValue(i)))
                : NotUnderstood(operation);
        }

        if (method is { Name: "Repeat", ContainingType.Name: "Enumerable" } && operation.Arguments.Length == 2)
        {
            Value repeated = Evaluate(operation.Arguments[0].Value, frame);
            return Evaluate(operation.Arguments[1].Value, frame).Integer is >= 0 and <= ModelingLimits.LoopTrips and int times
                ? new SequenceValue(Enumerable.Repeat(repeated, times))
                : NotUnderstood(operation);
        }

        if (method.ContainingType is { Name: "Math" or "MathF", ContainingNamespace.Name: "System" })
        {
            return CallMath(operation, method.Name, frame);
        }

        Value? instance = operation.Instance is null ? null : Evaluate(operation.Instance, frame);
        Value[] values = [.. operation.Arguments.Select(argument => Evaluate(argument.Value, frame))];
        Value[] others = [.. values.Skip(instance is null ? 1 : 0)];
        return (instance ?? values.FirstOrDefault()) switch
        {
            ModuleValue { Type: { } type } when method.Name == "GetType" => new TypeValue(type),
            ConstantValue { Constant: null or string } text when method is { Name: "IsNullOrEmpty" or "IsNullOrWhiteSpace", IsStatic: true } =>
                new ConstantValue(string.IsNullOrWhiteSpace(text.Constant as string)),
            { } nullable and not UnknownValue when method is { Name: "GetValueOrDefault", ContainingType.OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } =>
                nullable is ConstantValue { Constant: null } && values.Length == 1 ? values[0] : nullable,
            SequenceValue sequence => CallSequence(sequence, others, operation, method),
            DictionaryValue dictionary => CallDictionary(dictionary, others, operation, method),
            SequentialModule { Doubt: null } sequential => CallSequence(new SequenceValue(sequential.Children), others, operation, method),
            ConstantValue { Constant: string text } => CallString(text, method.Name, values, operation),
            UnknownValue unknown => unknown,
            _ => NotUnderstood(operation),
        };
    }

    private Value CallSequence(SequenceValue sequence, IReadOnlyList<Value> arguments, IOperation operation, IMethodSymbol method)
    {
        if (sequence.Doubt is { } doubt)
        {
            return new UnknownValue(doubt);
        }

        Value result = Enumerate(sequence, arguments, operation, method);
        return result is SequenceValue made && !Spend(made.Items.Count) ? TooLarge() : result;
    }

    private Value Enumerate(SequenceValue sequence, IReadOnlyList<Value> arguments, IOperation operation, IMethodSymbol method)
    {
        switch (method.Name, arguments)
        {
            case ("Add" or "append", [var item]):
                sequence.Items.Add(item);
                return ConstantValue.Null;
            case ("Insert" or "insert", [{ Integer: { } place }, var item]) when place >= 0 && place <= sequence.Items.Count:
                sequence.Items.Insert(place, item);
                return ConstantValue.Null;
            case ("AddRange" or "extend", [SequenceValue { Doubt: null } more]):
                if (!Spend(more.Items.Count))
                {
                    return TooLarge();
                }

                sequence.Items.AddRange(more.Items);
                return ConstantValue.Null;
            case ("ToArray" or "ToList" or "AsEnumerable" or "Cast", []):
                return new SequenceValue(sequence.Items);
            case ("Reverse", []) when method.IsStatic && !method.ReturnsVoid:
                return new SequenceValue(Enumerable.Reverse(sequence.Items));
            case ("Skip", [{ Integer: { } count }]):
                return new SequenceValue(sequence.Items.Skip(count));
            case ("Take", [{ Integer: { } count }]):
                return new SequenceValue(sequence.Items.Take(count));
            case ("Prepend", [var item]):
                return new SequenceValue(sequence.Items.Prepend(item));
            case ("Zip", [SequenceValue { Doubt: null } second]):
                return new SequenceValue(sequence.Items.Zip(second.Items, (a, b) => new TupleValue([a, b])));
            case ("Zip", [SequenceValue { Doubt: null } second, CallableValue join]):
                return new SequenceValue(sequence.Items.ToArray().Zip(second.Items.ToArray(), (a, b) => Call(join, [a, b], operation)).ToArray());
            case ("Aggregate", [var seed, CallableValue step]):
                return sequence.Items.ToArray().Aggregate(seed, (value, item) => Call(step, [value, item], operation));
            case ("Sum", []) when sequence.Items.All(item => item.Number is not null):
                return new ConstantValue(sequence.Items.Sum(item => item.Number));
            case ("Max", []) when sequence.Items.Count > 0 && sequence.Items.All(item => item.Number is not null):
                return new ConstantValue(sequence.Items.Max(item => item.Number));
            case ("Contains", [ConstantValue wanted]) when sequence.Items.All(item => item is ConstantValue):
                return new ConstantValue(sequence.Items.Any(item => Equals(KeyOf(item), KeyOf(wanted))));
            case ("Any", []):
                return new ConstantValue(sequence.Items.Count > 0);
            case ("ToImmutableArray" or "ToImmutableList" or "AsReadOnly", []):
                return new SequenceValue(sequence.Items);
            case ("Concat", [SequenceValue { Doubt: null } more]):
                return new SequenceValue(sequence.Items.Concat(more.Items));
            case ("Append", [var item]):
                return new SequenceValue(sequence.Items.Append(item));
            case ("Select", [CallableValue select]):
                return new SequenceValue(sequence.Items.ToArray().Select((item, i) => Call(select, [item, new ConstantValue(i)], operation)).ToArray());
            case ("SelectMany", [CallableValue select]):
                return Flatten(sequence.Items.ToArray().Select(item => Call(select, [item], operation)).ToArray(), operation);
            case ("Where", [CallableValue condition]):
                return Filter(sequence, condition, operation);
            case ("ForEach", [CallableValue action]):
                sequence.Items.ToList().ForEach(item => Call(action, [item], operation));
                return ConstantValue.Null;
            case ("OfType", []) when method.TypeArguments is [var type]:
                return new SequenceValue(sequence.Items.Where(item => IsInstanceOf(item, type) != false));
            case ("Count", []):
                return new ConstantValue(sequence.Items.Count);
            case ("Last", []) when sequence.Items.Count > 0:
                return sequence.Items[sequence.Items.Count - 1];
            case ("First", []) when sequence.Items.Count > 0:
                return sequence.Items[0];
            default:
                return CallUnknown(sequence, operation, method);
        }
    }

    private Value Filter(SequenceValue sequence, CallableValue condition, IOperation operation)
    {
        var kept = new List<Value>();
        foreach (Value item in sequence.Items.ToArray())
        {
            if (Call(condition, [item], operation) is not ConstantValue { Constant: bool keep })
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
    private static Value CallUnknown(SequenceValue sequence, IOperation operation, IMethodSymbol method)
    {
        if (method.ReturnsVoid)
        {
            sequence.Doubt = $"'{method.Name}' is not understood";
        }

        return NotUnderstood(operation);
    }

    private static Value CallString(string text, string method, Value[] arguments, IInvocationOperation operation) => (method, arguments) switch
    {
        ("EndsWith", [ConstantValue { Constant: string end }, ..]) => new ConstantValue(text.EndsWith(end, StringComparison.Ordinal)),
        ("StartsWith", [ConstantValue { Constant: string start }, ..]) => new ConstantValue(text.StartsWith(start, StringComparison.Ordinal)),
        ("Contains", [ConstantValue { Constant: string part }, ..]) => new ConstantValue(text.Contains(part)),
        ("ToLower" or "ToLowerInvariant", []) => new ConstantValue(text.ToLowerInvariant()),
        ("ToUpper" or "ToUpperInvariant", []) => new ConstantValue(text.ToUpperInvariant()),
        ("Trim", []) => new ConstantValue(text.Trim()),
        ("Equals", [ConstantValue { Constant: string other }]) => new ConstantValue(text == other),
        ("ToString", _) => new ConstantValue(text),
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
            ("Round", [{ } x]) => new ConstantValue(Math.Round(x)),
            ("Log2", [{ } x]) => new ConstantValue(Math.Log(x, 2)),
            _ => NotUnderstood(operation),
        };
    }
}
