using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.Ranges;

/// <summary>
/// What TorchSharp's functions of one tensor do to its values, under the names that they have as methods of <c>Tensor</c>, of <c>torch</c>,
/// of <c>functional</c>, in place and as modules alike. A function that is not listed makes the values unknown.
/// </summary>
internal static class FunctionRanges
{
    private static readonly Dictionary<string, Func<TensorRange, TensorRange>> s_functions = new(StringComparer.Ordinal)
    {
        ["relu"] = x => AtLeast(x, 0),
        ["relu6"] = _ => TensorRange.Between(0, 6, Reach.Usual),
        ["hardsigmoid"] = _ => TensorRange.Between(0, 1, Reach.Usual),
        ["sigmoid"] = _ => TensorRange.Between(0, 1, Reach.Usual, TensorKind.Sigmoid),
        ["expit"] = _ => TensorRange.Between(0, 1, Reach.Usual, TensorKind.Sigmoid),
        ["softmax"] = _ => TensorRange.Between(0, 1, Reach.Usual, TensorKind.Softmax),
        ["log_softmax"] = _ => new TensorRange { Upper = 0, Kind = TensorKind.LogSoftmax },
        ["logsigmoid"] = _ => new TensorRange { Upper = 0 },
        ["log_sigmoid"] = _ => new TensorRange { Upper = 0 },
        ["softplus"] = _ => new TensorRange { Lower = 0 },
        ["tanh"] = _ => TensorRange.Between(-1, 1, Reach.Usual),
        ["erf"] = _ => TensorRange.Between(-1, 1, Reach.Usual),
        ["sin"] = _ => TensorRange.Between(-1, 1, Reach.Rare),
        ["cos"] = _ => TensorRange.Between(-1, 1, Reach.Rare),
        ["cosine_similarity"] = _ => TensorRange.Between(-1, 1, Reach.Usual),
        ["normalize"] = _ => TensorRange.Between(-1, 1, Reach.Unknown),
        ["exp"] = x => new TensorRange { Lower = Math.Exp(x.Lower), Upper = Math.Exp(x.Upper) },
        ["exp2"] = x => new TensorRange { Lower = Math.Pow(2, x.Lower), Upper = Math.Pow(2, x.Upper) },
        ["square"] = Square,
        ["abs"] = Absolute,
        ["sqrt"] = x => Root(x),
        ["neg"] = x => x.Negated(),
        ["negative"] = x => x.Negated(),
        ["sum"] = Sum,
        ["nansum"] = Sum,
        ["mean"] = Mean,
        ["nanmean"] = Mean,
        ["avg_pool1d"] = Mean,
        ["avg_pool2d"] = Mean,
        ["adaptive_avg_pool1d"] = Mean,
        ["adaptive_avg_pool2d"] = Mean,
        ["max"] = Largest,
        ["amax"] = Largest,
        ["max_pool1d"] = Largest,
        ["max_pool2d"] = Largest,
        ["adaptive_max_pool1d"] = Largest,
        ["adaptive_max_pool2d"] = Largest,
        ["min"] = Smallest,
        ["amin"] = Smallest,
        ["prod"] = x => x is { Lower: 0, Upper: 1 } ? TensorRange.Between(0, 1, Reach.Usual) : TensorRange.Unknown,
        ["norm"] = _ => NonNegative(),
        ["vector_norm"] = _ => NonNegative(),
        ["std"] = _ => NonNegative(),
        ["var"] = _ => NonNegative(),
        ["std_mean"] = _ => NonNegative(),
        ["var_mean"] = _ => NonNegative(),
        ["count_nonzero"] = _ => TensorRange.Between(0, double.PositiveInfinity, Reach.Usual),
        ["mse_loss"] = _ => NonNegative(),
        ["l1_loss"] = _ => NonNegative(),
        ["smooth_l1_loss"] = _ => NonNegative(),
        ["huber_loss"] = _ => NonNegative(),
        ["linear"] = _ => new TensorRange { Kind = TensorKind.LinearOutput, IsFromNetwork = true },
    };

    private static readonly HashSet<string> s_rearrangements = new(StringComparer.Ordinal)
    {
        "to", "to_type", "type", "type_as", "float", "double", "half", "bfloat16", "cpu", "cuda", "contiguous", "clone", "alias", "detach", "detach_", "requires_grad_",
        "MoveToOuterDisposeScope", "DetachFromDisposeScope", "view", "view_as", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "permute",
        "transpose", "swapaxes", "swapdims", "movedim", "t", "expand", "expand_as", "broadcast_to", "repeat", "repeat_interleave", "tile", "narrow", "select",
        "slice", "index", "index_select", "gather", "take", "take_along_dim", "masked_select", "chunk", "split", "tensor_split", "unbind", "flip", "roll",
        "diagonal", "sort", "topk", "identity", "atleast_1d", "atleast_2d",
    };

    private static readonly HashSet<string> s_comparisons = new(StringComparer.Ordinal)
    {
        "gt", "ge", "lt", "le", "eq", "ne", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and", "logical_or",
        "logical_not", "isnan", "isinf", "isfinite", "one_hot",
    };

    private static readonly HashSet<string> s_summaries = new(StringComparer.Ordinal)
    {
        "sum", "nansum", "mean", "nanmean", "max", "amax", "min", "amin", "pow", "square", "abs", "sqrt", "neg", "negative", "prod",
    };

    private static readonly Dictionary<string, string> s_layers = new(StringComparer.Ordinal)
    {
        ["ReLU"] = "relu",
        ["ReLU6"] = "relu6",
        ["Hardsigmoid"] = "hardsigmoid",
        ["Sigmoid"] = "sigmoid",
        ["Softmax"] = "softmax",
        ["Softmax2d"] = "softmax",
        ["LogSoftmax"] = "log_softmax",
        ["LogSigmoid"] = "logsigmoid",
        ["Softplus"] = "softplus",
        ["Tanh"] = "tanh",
        ["CosineSimilarity"] = "cosine_similarity",
        ["AvgPool1d"] = "avg_pool1d",
        ["AvgPool2d"] = "avg_pool2d",
        ["AdaptiveAvgPool1d"] = "adaptive_avg_pool1d",
        ["AdaptiveAvgPool2d"] = "adaptive_avg_pool2d",
        ["MaxPool1d"] = "max_pool1d",
        ["MaxPool2d"] = "max_pool2d",
        ["AdaptiveMaxPool1d"] = "adaptive_max_pool1d",
        ["AdaptiveMaxPool2d"] = "adaptive_max_pool2d",
        ["MSELoss"] = "mse_loss",
        ["L1Loss"] = "l1_loss",
        ["SmoothL1Loss"] = "smooth_l1_loss",
        ["HuberLoss"] = "huber_loss",
        ["Flatten"] = "flatten",
        ["Unflatten"] = "unflatten",
        ["Identity"] = "identity",
        ["Linear"] = "linear",
        ["Bilinear"] = "linear",
        ["Conv1d"] = "linear",
        ["Conv2d"] = "linear",
        ["Conv3d"] = "linear",
        ["ConvTranspose1d"] = "linear",
        ["ConvTranspose2d"] = "linear",
        ["ConvTranspose3d"] = "linear",
    };

    /// <summary>All names that the catalog knows, for the test that TorchSharp has them.</summary>
    public static IEnumerable<string> Functions => s_functions.Keys.Concat(s_rearrangements).Concat(s_comparisons).Except(["identity"]);

    public static IEnumerable<string> Layers => s_layers.Keys;

    /// <summary>The function that a layer of TorchSharp computes; null for one that is not listed.</summary>
    public static string? OfLayer(string moduleType) => s_layers.TryGetValue(moduleType, out string? function) ? function : null;

    /// <summary>Whether the function hands on the values of the tensor, or some of them, as they are.</summary>
    public static bool IsRearrangement(string function) => s_rearrangements.Contains(function);

    /// <summary>Whether what makes the result reach a bound is what made the tensor reach one.</summary>
    public static bool KeepsMaker(string function) => s_summaries.Contains(function) || IsRearrangement(function);

    /// <summary>The values that come out for those that go in.</summary>
    public static TensorRange Apply(string function, TensorRange input)
    {
        if (IsRearrangement(function))
        {
            return input;
        }

        TensorRange result = s_comparisons.Contains(function) ? TensorRange.Between(0, 1, Reach.Usual, TensorKind.Mask)
            : s_functions.TryGetValue(function, out Func<TensorRange, TensorRange>? apply) ? apply(input)
            : TensorRange.Unknown;
        return result with { IsFromNetwork = result.IsFromNetwork || input.IsFromNetwork };
    }

    /// <summary>Values below the number become the number.</summary>
    public static TensorRange AtLeast(TensorRange input, double number) => input.Lower >= number
        ? input
        : new TensorRange { Lower = number, Upper = Math.Max(input.Upper, number), ReachesLower = Reach.Usual, ReachesUpper = input.ReachesUpper };

    public static TensorRange AtMost(TensorRange input, double number) => input.Upper <= number
        ? input
        : input with { Upper = number, Lower = Math.Min(input.Lower, number), ReachesUpper = Reach.Usual, Kind = TensorKind.Plain };

    public static TensorRange Square(TensorRange x) => Absolute(x) is var positive
        ? positive with { Lower = positive.Lower * positive.Lower, Upper = positive.Upper * positive.Upper }
        : x;

    public static TensorRange Root(TensorRange x) =>
        new()
        {
            Lower = Math.Sqrt(Math.Max(x.Lower, 0)),
            Upper = Math.Sqrt(Math.Max(x.Upper, 0)),
            ReachesLower = x.Lower == 0 ? x.ReachesLower : Reach.Unknown,
            ReachesUpper = x.ReachesUpper,
            Kind = TensorKind.Root,
        };

    /// <summary>Nothing is known to be exactly 0 in what takes both signs, other than the difference from oneself.</summary>
    private static TensorRange Absolute(TensorRange x)
    {
        if (x.Lower >= 0)
        {
            return x with { Kind = TensorKind.Plain };
        }

        if (x.Upper <= 0)
        {
            return x.Negated() with { Kind = TensorKind.Plain };
        }

        double largest = Math.Max(-x.Lower, x.Upper);
        return new TensorRange
        {
            Lower = 0,
            Upper = largest,
            ReachesLower = x.Kind == TensorKind.SelfDifference ? Reach.Usual : Reach.Rare,
            ReachesUpper = largest == x.Upper ? x.ReachesUpper : x.ReachesLower,
            Kind = x.Kind == TensorKind.SelfDifference ? x.Kind : TensorKind.Plain,
        };
    }

    /// <summary>A mask is often all false; the sum over one axis of an element's difference from itself is 0 as well.</summary>
    private static TensorRange Sum(TensorRange x) => x.Kind == TensorKind.Softmax || x.Lower < 0
        ? TensorRange.Unknown
        : new TensorRange
        {
            Lower = x.Lower,
            ReachesLower = x.Kind is TensorKind.Mask or TensorKind.SelfDifference ? x.ReachesZero : TensorRange.Rarer(x.ReachesZero),
        };

    private static TensorRange Mean(TensorRange x) => x.Kind == TensorKind.LinearOutput ? x : x with
    {
        ReachesLower = x.Kind is TensorKind.Mask or TensorKind.SelfDifference ? x.ReachesLower : TensorRange.Rarer(x.ReachesLower),
        ReachesUpper = TensorRange.Rarer(x.ReachesUpper),
        Kind = TensorKind.Plain,
    };

    private static TensorRange Largest(TensorRange x) => x with { ReachesLower = TensorRange.Rarer(x.ReachesLower), Kind = Extreme(x.Kind) };

    private static TensorRange Smallest(TensorRange x) => x with { ReachesUpper = TensorRange.Rarer(x.ReachesUpper), Kind = Extreme(x.Kind) };

    private static TensorKind Extreme(TensorKind kind) => kind is TensorKind.SelfDifference ? TensorKind.Plain : kind;

    private static TensorRange NonNegative() => TensorRange.Between(0, double.PositiveInfinity, Reach.Rare);
}
