using System;
using Microsoft.CodeAnalysis;

namespace GradLint.Ranges;

/// <summary>
/// What is known of the values of a tensor, on every way on which it comes about. Bounds hold for all values; where nothing is known they
/// are infinite, and no rule speaks.
/// </summary>
internal sealed record TensorRange
{
    public static readonly TensorRange Unknown = new();

    public double Lower { get; init; } = double.NegativeInfinity;

    public double Upper { get; init; } = double.PositiveInfinity;

    /// <summary>How often values at the lower bound come up. A bound alone is no evidence: exp is above 0 and stays there.</summary>
    public Reach ReachesLower { get; init; }

    public Reach ReachesUpper { get; init; }

    public TensorKind Kind { get; init; }

    /// <summary>The function that gave the tensor its bounds, as a message names it.</summary>
    public string Maker { get; init; } = Unmade;

    /// <summary>Where that function is called, or the layer that computes it created; null where there are several.</summary>
    public SyntaxNode? MadeAt { get; init; }

    /// <summary>Whether the weights of a network have a part in the values, so that gradients flow through them.</summary>
    public bool IsFromNetwork { get; init; }

    public bool IsMade => Maker != Unmade;

    public bool IsConstant => Lower == Upper;

    /// <summary>How often values come up at which a logarithm, a root or a quotient fails.</summary>
    public Reach ReachesZero => Lower <= 0 ? ReachesLower : Reach.Unknown;

    public static TensorRange Constant(double value) => new() { Lower = value, Upper = value, ReachesLower = Reach.Usual, ReachesUpper = Reach.Usual };

    public static TensorRange Between(double lower, double upper, Reach reach, TensorKind kind = TensorKind.Plain) =>
        new() { Lower = lower, Upper = upper, ReachesLower = reach, ReachesUpper = double.IsInfinity(upper) ? Reach.Unknown : reach, Kind = kind };

    /// <summary>What holds whichever of the two the tensor is: a value that one way alone can take is not counted on.</summary>
    public TensorRange Or(TensorRange other) => this == other ? this : new TensorRange
    {
        Lower = Math.Min(Lower, other.Lower),
        Upper = Math.Max(Upper, other.Upper),
        ReachesLower = Lower == other.Lower ? Least(ReachesLower, other.ReachesLower) : Reach.Unknown,
        ReachesUpper = Upper == other.Upper ? Least(ReachesUpper, other.ReachesUpper) : Reach.Unknown,
        Kind = Kind == other.Kind ? Kind : TensorKind.Plain,
        Maker = Maker,
        MadeAt = MadeAt == other.MadeAt ? MadeAt : null,
        IsFromNetwork = IsFromNetwork || other.IsFromNetwork,
    };

    public TensorRange Negated() => this with
    {
        Lower = -Upper,
        Upper = -Lower,
        ReachesLower = ReachesUpper,
        ReachesUpper = ReachesLower,
        Kind = Kind == TensorKind.LinearOutput ? Kind : TensorKind.Plain,
    };

    /// <summary>Plus a number. A small one, an epsilon, leaves the tensor what it is.</summary>
    public TensorRange Plus(double number) => this with
    {
        Lower = Lower + number,
        Upper = Upper + number,
        Kind = Kind == TensorKind.LinearOutput || Math.Abs(number) <= LargestEpsilon ? Kind : TensorKind.Plain,
    };

    public TensorRange Times(double factor)
    {
        if (factor < 0)
        {
            return Negated().Times(-factor);
        }

        return factor == 1 ? this : factor > 0 && !double.IsInfinity(factor)
            ? this with { Lower = Lower * factor, Upper = Upper * factor, Kind = Kind == TensorKind.LinearOutput ? Kind : TensorKind.Plain }
            : Unknown with { IsFromNetwork = IsFromNetwork };
    }

    public static TensorRange operator +(TensorRange left, TensorRange right)
    {
        if (left.IsConstant)
        {
            return right.Plus(left.Lower);
        }

        return right.IsConstant ? left.Plus(right.Lower) : new TensorRange
        {
            Lower = left.Lower + right.Lower,
            Upper = left.Upper + right.Upper,
            ReachesLower = Rarer(Least(left.ReachesLower, right.ReachesLower)),
            ReachesUpper = Rarer(Least(left.ReachesUpper, right.ReachesUpper)),
            Kind = left.Kind == right.Kind && left.Kind == TensorKind.LinearOutput ? left.Kind : TensorKind.Plain,
            Maker = left.Maker,
            IsFromNetwork = left.IsFromNetwork || right.IsFromNetwork,
        };
    }

    /// <summary>The difference of two tensors that may be anything to each other. Even where it is 0 now and then, nobody can tell.</summary>
    public static TensorRange operator -(TensorRange left, TensorRange right) => left.IsConstant || right.IsConstant
        ? left + right.Negated()
        : new TensorRange { Lower = left.Lower - right.Upper, Upper = left.Upper - right.Lower, IsFromNetwork = left.IsFromNetwork || right.IsFromNetwork };

    public static TensorRange operator *(TensorRange left, TensorRange right)
    {
        if (left.IsConstant || right.IsConstant)
        {
            return left.IsConstant ? right.Times(left.Lower) : left.Times(right.Lower);
        }

        bool network = left.IsFromNetwork || right.IsFromNetwork;
        if (left.Lower < 0 || right.Lower < 0)
        {
            return Unknown with { IsFromNetwork = network };
        }

        TensorRange zero = left.ReachesZero >= right.ReachesZero ? left : right;
        return new TensorRange
        {
            Lower = left.Lower * right.Lower,
            Upper = double.IsInfinity(left.Upper) || double.IsInfinity(right.Upper) ? double.PositiveInfinity : left.Upper * right.Upper,
            ReachesLower = zero.ReachesZero,
            Maker = zero.Maker,
            IsFromNetwork = network,
        };
    }

    public static TensorRange operator /(TensorRange left, TensorRange right)
    {
        if (right.IsConstant && right.Lower != 0)
        {
            return left.Times(1 / right.Lower);
        }

        bool network = left.IsFromNetwork || right.IsFromNetwork;
        return left.Lower >= 0 && right.Lower >= 0
            ? new TensorRange { Lower = 0, ReachesLower = left.ReachesZero, Maker = left.Maker, IsFromNetwork = network }
            : Unknown with { IsFromNetwork = network };
    }

    public static Reach Least(Reach left, Reach right) => left < right ? left : right;

    /// <summary>All of several values must be at the bound for their sum to be.</summary>
    public static Reach Rarer(Reach reach) => reach == Reach.Usual ? Reach.Rare : reach;

    private const string Unmade = "an unknown function";
    private const double LargestEpsilon = 1e-3;
}

/// <summary>How often a tensor takes the value of a bound.</summary>
internal enum Reach
{
    /// <summary>Perhaps never.</summary>
    Unknown,

    /// <summary>In degenerate cases, such as rows of zeros or two tensors that agree.</summary>
    Rare,

    /// <summary>In the course of ordinary training: units that are off, functions that saturate.</summary>
    Usual,
}

/// <summary>What a tensor is, beyond its bounds.</summary>
internal enum TensorKind
{
    Plain,
    Softmax,
    LogSoftmax,
    Sigmoid,

    /// <summary>The output of a layer with weights and without an activation: it has no bounds.</summary>
    LinearOutput,

    /// <summary>The differences of a tensor's own elements: each element's difference from itself is 0.</summary>
    SelfDifference,

    /// <summary>True or false, as 1 and 0.</summary>
    Mask,

    /// <summary>A root: what is wrong where it is 0 is the root itself.</summary>
    Root,

    /// <summary>Values of bytes, 0 to 255, whatever their type has become.</summary>
    Bytes,
}
