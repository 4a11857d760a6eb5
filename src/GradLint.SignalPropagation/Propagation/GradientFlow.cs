using System;
using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>The prediction for one network.</summary>
public sealed class GradientFlow
{
    private readonly Lazy<IReadOnlyList<Contribution>> _contributions;

    internal GradientFlow(Func<GradientFlow, IReadOnlyList<Contribution>> contributions) =>
        _contributions = new Lazy<IReadOnlyList<Contribution>>(() => contributions(this));

    /// <summary>
    /// log10 of |dL/dz_first| / |dL/dz_last|, L2 norms over all elements, z the outputs of the first and the last weight layer in order of use: positive explodes, negative
    /// vanishes. It is the typical value (the mean of the logarithm over initializations). Null where it cannot be predicted: fewer than two weight layers, a stop before the
    /// last of them, or a network so deep for its width that one number means nothing.
    /// </summary>
    public double? Growth { get; internal init; }

    /// <summary>The lower end of the interval for <see cref="Growth"/> of one initialization, about 95 %; also given where the growth itself is not.</summary>
    public double? Low { get; internal init; }

    /// <summary>The upper end of the interval for <see cref="Growth"/> of one initialization, about 95 %; also given where the growth itself is not.</summary>
    public double? High { get; internal init; }

    /// <summary>
    /// The growth through time of the recurrent layer where it is largest in size, from the last step to the first; null without recurrent layers, and where there are more steps
    /// than hidden units, so that one number means nothing.
    /// </summary>
    public double? GrowthThroughTime { get; internal init; }

    /// <summary>The weight layers in order of use.</summary>
    public IReadOnlyList<LayerFlow> Layers { get; internal init; } = Array.Empty<LayerFlow>();

    /// <summary>The span of layers over which the backward signal grows or shrinks most; null with fewer than two weight layers.</summary>
    public LayerSpan? Span { get; internal init; }

    /// <summary>The assumptions taken where the graph says nothing, in words for the user.</summary>
    public IReadOnlyList<string> Assumptions { get; internal init; } = Array.Empty<string>();

    /// <summary>Where and why the prediction stopped; null where it went through.</summary>
    public StopReason? Stop { get; internal init; }

    /// <summary>Which choices account for the growth, largest first; they sum to it. Computed when it is first asked for.</summary>
    public IReadOnlyList<Contribution> Contributions => _contributions.Value;

    /// <summary>Where numbers leave the range of float32.</summary>
    public IReadOnlyList<RangeFinding> Findings { get; internal init; } = Array.Empty<RangeFinding>();
}

/// <summary>The prediction for one weight layer.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="Kind">The kind of layer.</param>
public sealed record LayerFlow(string Name, string Kind)
{
    /// <summary>q = E z^2 of a unit at the layer's output; 0 or infinite where it leaves the range of a double (see <see cref="Log10SecondMoment"/>).</summary>
    public double SecondMoment { get; init; }

    /// <summary>log10 q.</summary>
    public double Log10SecondMoment { get; init; }

    /// <summary>log10 sqrt(q_next / q) from this layer's input to the next weight layer's input (to the network's output for the last): its own gain and that of what follows it.</summary>
    public double ForwardGain { get; init; }

    /// <summary>log10 of the factor by which |dL/dz| changes from this layer's output to the previous weight layer's output; 0 for the first. They sum to the growth.</summary>
    public double BackwardGain { get; init; }

    /// <summary>log10 |dL/dz|, L2 over all elements of the layer's output in the batch.</summary>
    public double Log10SignalNorm { get; init; }

    /// <summary>log10 |dL/dW|, Frobenius; with shared weights, all uses together at their owner.</summary>
    public double Log10GradientNorm { get; init; }

    /// <summary>The lower end of the interval for <see cref="Log10GradientNorm"/> of one initialization, about 95 %.</summary>
    public double Log10GradientNormLow { get; init; }

    /// <summary>The upper end of the interval for <see cref="Log10GradientNorm"/> of one initialization, about 95 %.</summary>
    public double Log10GradientNormHigh { get; init; }

    /// <summary>
    /// For a recurrent layer, log10 |dL/dx_1| / |dL/dx_T| with x_t its input at step t: growth through time, from the last step to the first. Null for other layers.
    /// </summary>
    public double? GrowthThroughTime { get; init; }

    /// <summary>log10 |W|, Frobenius, at initialization.</summary>
    public double Log10WeightNorm { get; init; }

    /// <summary>1/2 log10 (Var W / Var of the fitting initializer): what the weights contribute to the growth; 0 where they fit the activation before them.</summary>
    public double InitializationDecades { get; init; }
}

/// <summary>A run of weight layers in order of use.</summary>
/// <param name="First">The layer nearer to the input.</param>
/// <param name="Last">The layer nearer to the output.</param>
/// <param name="Decades">log10 |dL/dz_first| / |dL/dz_last| over the span.</param>
public sealed record LayerSpan(string First, string Last, double Decades);

/// <summary>Where and why a prediction stopped.</summary>
/// <param name="Node">The node.</param>
/// <param name="Reason">Why, in words for the user.</param>
public sealed record StopReason(string Node, string Reason);

/// <summary>The kinds of choices that make a gradient grow or shrink.</summary>
public enum ContributionKind
{
    /// <summary>The initializer of some layers, against the one that fits their activation.</summary>
    Initialization,

    /// <summary>The normalization layers, against none.</summary>
    Normalization,

    /// <summary>The residual connections, against sums that keep the second moment.</summary>
    Residual,

    /// <summary>The activation functions, with initializers that fit them, against linear units.</summary>
    Activation,

    /// <summary>Everything else: widths, pooling, recurrences.</summary>
    Structure,
}

/// <summary>How much a choice contributes to the growth.</summary>
/// <param name="Kind">The kind of choice.</param>
/// <param name="Choice">The choice, e.g. "KaimingUniform(2.23606797749979)" or "ReLU".</param>
/// <param name="Nodes">The nodes where it was made, in order of use.</param>
/// <param name="Decades">How much of the growth it accounts for, in decades.</param>
public sealed record Contribution(ContributionKind Kind, string Choice, IReadOnlyList<string> Nodes, double Decades);

/// <summary>Which numbers leave the range of float32, and how.</summary>
public enum RangeProblem
{
    /// <summary>Activations overflow to infinity.</summary>
    ForwardOverflow,

    /// <summary>Activations underflow to zero.</summary>
    ForwardUnderflow,

    /// <summary>Gradients overflow to infinity.</summary>
    BackwardOverflow,

    /// <summary>Gradients underflow to zero.</summary>
    BackwardUnderflow,
}

/// <summary>The first place where numbers leave the range of float32.</summary>
/// <param name="Problem">What happens.</param>
/// <param name="Node">The node at whose output it happens first, in the direction of the signal.</param>
/// <param name="Log10Magnitude">log10 of the root mean square there.</param>
public sealed record RangeFinding(RangeProblem Problem, string Node, double Log10Magnitude);
