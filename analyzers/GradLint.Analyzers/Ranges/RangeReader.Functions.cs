using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using GradLint.TrainingLoops;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Ranges;

/// <summary>Operators and calls: TorchSharp's functions by their meaning, the user's own by what they return.</summary>
internal sealed partial class RangeReader
{
    private TensorRange Combine(BinaryOperatorKind kind, IOperation left, IOperation right, CallScope? scope)
    {
        TensorRange a = Read(left, scope);
        TensorRange b = Read(right, scope);
        switch (kind)
        {
            case BinaryOperatorKind.Add:
                return a + b;
            case BinaryOperatorKind.Subtract:
                return Difference(left, right, a, b);
            case BinaryOperatorKind.Multiply:
                return Tensors.AreSame(left, right) ? FunctionRanges.Square(a) with { IsFromNetwork = a.IsFromNetwork } : a * b;
            case BinaryOperatorKind.Divide:
                return a.Kind == TensorKind.LinearOutput && !_torchSharp.IsTensor(right.Type) ? a : a / b;
            default:
                return IsComparison(kind) ? FunctionRanges.Apply("gt", a) with { Maker = "a comparison" } : TensorRange.Unknown;
        }
    }

    private static TensorRange Difference(IOperation left, IOperation right, TensorRange a, TensorRange b)
    {
        if (a.IsConstant || b.IsConstant || Tensors.RootOf(left) is not { } root || !SymbolEqualityComparer.Default.Equals(root, Tensors.RootOf(right)))
        {
            return a - b;
        }

        bool network = a.IsFromNetwork || b.IsFromNetwork;
        return (Tensors.ExtremeOf(left), Tensors.ExtremeOf(right)) switch
        {
            (Extreme.Largest, Extreme.Smallest) => TensorRange.Between(0, double.PositiveInfinity, Reach.Rare) with { Maker = "a difference", IsFromNetwork = network },
            (Extreme.None, Extreme.Largest) => new TensorRange { Upper = 0, ReachesUpper = Reach.Usual, Maker = "a difference", IsFromNetwork = network },
            (Extreme.None, Extreme.Smallest) => new TensorRange { Lower = 0, ReachesLower = Reach.Usual, Maker = "a difference", IsFromNetwork = network },
            (Extreme.None, Extreme.None) when Tensors.AreTwoViews(left, right) => new TensorRange { Kind = TensorKind.SelfDifference, Maker = "a difference", IsFromNetwork = network },
            _ => a - b,
        };
    }

    private static bool IsComparison(BinaryOperatorKind kind) => kind is BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual
        or BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals;

    private TensorRange ReadCall(IInvocationOperation call, CallScope? scope, int? element = null)
    {
        if (_torchSharp.IsModule(call.Instance?.Type) && call.TargetMethod.Name is "call" or "forward")
        {
            return ReadModuleCall(call, scope, element);
        }

        if (_torchSharp.Declares(call.TargetMethod))
        {
            return element is null or 0 ? ReadFunction(call, scope) : TensorRange.Unknown;
        }

        IMethodSymbol method = (call.TargetMethod.ReducedFrom ?? call.TargetMethod).OriginalDefinition;
        return method.IsVirtual || method.IsAbstract || method.IsOverride || _bodies.Of(method, _cancellation) is not { } body
            ? TensorRange.Unknown
            : ReadReturns(body, Bind(method, call.Arguments, scope), element);
    }

    private CallScope Bind(IMethodSymbol method, IEnumerable<IArgumentOperation> arguments, CallScope? scope) => new(
        method,
        arguments.Where(argument => argument.Parameter is not null)
            .ToDictionary(argument => argument.Parameter!.Ordinal, argument => (Func<TensorRange>)(() => Read(argument.Value, scope))));

    private TensorRange ReadReturns(IOperation body, CallScope scope, int? element)
    {
        TensorRange? all = null;
        foreach (IOperation returned in CallSites.ReturnsOf(CallSites.BodyOf(body)))
        {
            TensorRange one = element is null ? Read(returned, scope) : ReadElement(returned, element, scope);
            all = all?.Or(one) ?? one;
        }

        return all ?? TensorRange.Unknown;
    }

    /// <summary>A function of TorchSharp, as a method of the tensor or with the tensor as its first argument.</summary>
    private TensorRange ReadFunction(IInvocationOperation call, CallScope? scope)
    {
        string function = Tensors.FunctionOf(call);
        IOperation? tensor = Tensors.InputOf(call, _torchSharp);
        if (tensor is null)
        {
            return ReadFactory(call, function, scope);
        }

        TensorRange input = Read(tensor, scope);
        TensorRange result = function switch
        {
            "clamp" or "clip" => Clamp(input, Given(call, "min"), Given(call, "max")),
            "clamp_min" => Clamp(input, Given(call, "min"), null),
            "clamp_max" => Clamp(input, null, Given(call, "max")),
            "pow" => Power(input, Number(call.ArgumentFor("exponent")?.Value)),
            "add" when IsPlain(call) => Combine(BinaryOperatorKind.Add, tensor, Second(call, tensor), scope),
            "sub" or "subtract" when IsPlain(call) => Combine(BinaryOperatorKind.Subtract, tensor, Second(call, tensor), scope),
            "mul" or "multiply" => Combine(BinaryOperatorKind.Multiply, tensor, Second(call, tensor), scope),
            "div" or "divide" or "true_divide" => Combine(BinaryOperatorKind.Divide, tensor, Second(call, tensor), scope),
            "maximum" or "minimum" => Extremum(function == "maximum", input, Read(Second(call, tensor), scope)),
            "max" or "min" when _torchSharp.IsTensor(Second(call, tensor).Type) && Second(call, tensor) != tensor => Extremum(function == "max", input, Read(Second(call, tensor), scope)),
            "where" => Where(call, input, scope),
            "norm" or "vector_norm" => FunctionRanges.Apply("norm", input) with { Maker = "norm", MadeAt = call.Syntax },
            "matmul" or "mm" or "bmm" or "baddbmm" or "addmm" => Product(input, Read(Second(call, tensor), scope)),
            "to" when IsByte(call) => new TensorRange { Lower = 0, Upper = 255, Kind = TensorKind.Bytes },
            _ => FunctionRanges.Apply(function, input),
        };
        result = result with { IsFromNetwork = result.IsFromNetwork || input.IsFromNetwork };
        return FunctionRanges.KeepsMaker(function) && input.IsMade ? result with { Maker = input.Maker, MadeAt = input.MadeAt }
            : !result.IsMade || result.Kind != input.Kind ? result with { Maker = function, MadeAt = call.Syntax }
            : result;
    }

    /// <summary>The names without one of which no tensor is seen to hold bytes.</summary>
    public static readonly ImmutableArray<string> MakersOfBytes =
        ImmutableArray.Create("Byte", "uint8", "read_image", "randint", "tensor", "as_tensor", "from_array", "frombuffer");

    /// <summary>Functions that make a tensor of something else, or of several.</summary>
    private TensorRange ReadFactory(IInvocationOperation call, string function, CallScope? scope)
    {
        switch (function)
        {
            case "stack" or "cat" or "concat" or "vstack" or "hstack" when call.FirstArgument() is { } tensors:
                return ReadAll(ElementsOf(tensors), scope);
            case "einsum":
                return TensorRange.Unknown with { IsFromNetwork = call.Arguments.SelectMany(argument => ElementsOf(argument.Value)).Any(part => _torchSharp.IsTensor(part.Type) && Read(part, scope).IsFromNetwork) };
            case "rand":
                return TensorRange.Between(0, 1, Reach.Rare) with { Maker = "rand" };
            case "randint" when Number(call.ArgumentFor("high")?.Value) == 256:
            case "read_image":
            case "tensor" or "as_tensor" or "from_array" when IsByteArray(call.FirstArgument()):
            case "frombuffer" when IsByte(call):
                return new TensorRange { Lower = 0, Upper = 255, Kind = TensorKind.Bytes, Maker = function, MadeAt = call.Syntax };
            default:
                return TensorRange.Unknown;
        }
    }

    private static IEnumerable<IOperation> ElementsOf(IOperation tensors) => tensors.WalkDownConversions() switch
    {
        IArrayCreationOperation { Initializer: { } initializer } => initializer.ElementValues,
        ITupleOperation tuple => tuple.Elements,
        { } other => new[] { other },
        null => Enumerable.Empty<IOperation>(),
    };

    private static bool IsByteArray(IOperation? data) => data.WalkDownConversions()?.Type is IArrayTypeSymbol { ElementType.SpecialType: SpecialType.System_Byte };

    private bool IsByte(IInvocationOperation call) => call.Arguments.Any(argument =>
        argument.Value.WalkDownConversions() is IFieldReferenceOperation { Field: { Name: "Byte" or "uint8", IsStatic: true } field } && _torchSharp.Declares(field));

    /// <summary>The bound that is written, if any: absent ones arrive as null.</summary>
    private static IOperation? Given(IInvocationOperation call, string bound) =>
        call.ArgumentFor(bound) is { ArgumentKind: not ArgumentKind.DefaultValue } argument && argument.Value.WalkDownConversions() is { ConstantValue: not { HasValue: true, Value: null } } value
            ? value
            : null;

    private TensorRange Clamp(TensorRange input, IOperation? lowest, IOperation? highest)
    {
        TensorRange result = input;
        if (lowest is not null)
        {
            if (Number(lowest) is not { } number)
            {
                return TensorRange.Unknown;
            }

            result = FunctionRanges.AtLeast(result, number) with { Kind = TensorKind.Plain };
        }

        return highest is null ? result
            : Number(highest) is { } most ? FunctionRanges.AtMost(result, most) with { Kind = TensorKind.Plain }
            : result with { Kind = TensorKind.Plain, Upper = double.MaxValue, ReachesUpper = Reach.Unknown };
    }

    private static TensorRange Power(TensorRange input, double? exponent) => exponent switch
    {
        null => TensorRange.Unknown,
        2 => FunctionRanges.Square(input),
        0.5 => FunctionRanges.Root(input),
        { } even when even > 0 && even % 2 == 0 => FunctionRanges.Square(input) with { Upper = double.PositiveInfinity, ReachesUpper = Reach.Unknown },
        > 0 when input.Lower >= 0 => new TensorRange { Lower = input.Lower == 0 ? 0 : double.Epsilon, ReachesLower = input.ReachesZero },
        _ => TensorRange.Unknown,
    };

    private static TensorRange Extremum(bool largest, TensorRange a, TensorRange b) =>
        b.IsConstant ? (largest ? FunctionRanges.AtLeast(a, b.Lower) : FunctionRanges.AtMost(a, b.Lower)) with { Kind = TensorKind.Plain }
        : a == TensorRange.Unknown || b == TensorRange.Unknown ? TensorRange.Unknown
        : a.Or(b);

    private TensorRange Where(IInvocationOperation call, TensorRange input, CallScope? scope) =>
        call.ArgumentFor("y") is { } otherwise
            ? (call.ArgumentFor("x") is { } chosen ? Read(chosen.Value, scope) : input).Or(Read(otherwise.Value, scope)) with { Kind = TensorKind.Plain }
            : TensorRange.Unknown;

    private static TensorRange Product(TensorRange a, TensorRange b) => a.IsFromNetwork || b.IsFromNetwork
        ? new TensorRange { Kind = TensorKind.LinearOutput, IsFromNetwork = true }
        : TensorRange.Unknown;

    /// <summary>Without a factor on the second operand.</summary>
    private static bool IsPlain(IInvocationOperation call) => call.ArgumentFor("alpha") is null or { ArgumentKind: ArgumentKind.DefaultValue };

    private static IOperation Second(IInvocationOperation call, IOperation first) =>
        call.Arguments.Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue).Select(argument => argument.Value)
            .FirstOrDefault(value => value != first && value.WalkDownConversions() != first) ?? first;
}
