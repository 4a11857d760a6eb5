using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// The description of a layer, with its two recursions: <see cref="Forward"/> takes the moments of its inputs to those of its output,
/// <see cref="Backward"/> takes the moments of the gradient at its output to those at its inputs.
/// </summary>
public abstract record Layer
{
    private protected Layer()
    {
    }

    /// <summary>The kind of layer, as the text form and messages name it.</summary>
    public abstract string Kind { get; }

    /// <summary>The spatial extents of the output.</summary>
    /// <param name="input">Those of the input, one for each axis.</param>
    /// <returns>Below 1 where the kernel is larger than the input; null for a layer without a window over these axes.</returns>
    public virtual IReadOnlyList<int>? OutputExtents(IReadOnlyList<int> input) => null;

    /// <summary>How many inputs the layer takes, at least and at most.</summary>
    internal virtual (int Least, int Most) InputCount => (1, 1);

    /// <summary>The sizes that must be positive where they are known.</summary>
    internal virtual IEnumerable<(string Name, double? Size)> Sizes => Enumerable.Empty<(string, double?)>();

    /// <summary>What else is wrong with the description, as the end of a sentence; null where nothing is.</summary>
    internal virtual string? Problem => null;

    /// <summary>Acts on each unit by itself: output unit i depends on unit i of its only input alone.</summary>
    internal virtual bool IsUnitwise => false;

    /// <summary>Passes on the distribution of units that are not Gaussian, forward and backward.</summary>
    internal virtual bool KeepsUnits => false;

    /// <summary>The moments of the output.</summary>
    internal abstract Signal Forward(Step step);

    /// <summary>The moments of the gradient at each input; none where no gradient passes.</summary>
    /// <param name="step">The forward pass at this layer.</param>
    /// <param name="gradient">The gradient at the output.</param>
    internal abstract IReadOnlyList<Gradient> Backward(Step step, Gradient gradient);
}

/// <summary>A layer with a weight matrix: the layers between which growth is measured.</summary>
public abstract record WeightLayer : Layer
{
    private protected WeightLayer()
    {
    }

    /// <summary>How the weights are drawn.</summary>
    public required Initializer Weight { get; init; }

    /// <summary>How the biases are drawn; null where there are none.</summary>
    public Initializer? Bias { get; init; }

    /// <summary>The fans of the weight tensor, as libtorch computes them for its initializers.</summary>
    internal abstract Fans Fans(Step step);

    /// <summary>The number of weights.</summary>
    internal virtual double WeightCount(Step step) => Fans(step).In * Fans(step).Out;

    /// <summary>ln E |dL/dW|^2, squared Frobenius norm.</summary>
    internal abstract double LnWeightGradient(Step step, Gradient gradient);
}

/// <summary>Where the data comes in: units of N(0, 1), independent over samples, positions and features, unless the options say otherwise.</summary>
/// <param name="Shape">The shape without the batch dimension; null where it is unknown, and null for each unknown size.</param>
public sealed record InputLayer(IReadOnlyList<int?>? Shape = null) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Input";

    internal override (int Least, int Most) InputCount => (0, 0);

    internal override IEnumerable<(string Name, double? Size)> Sizes =>
        Shape?.Select((size, axis) => ($"the size of axis {axis}", (double?)size)) ?? base.Sizes;

    internal override Signal Forward(Step step)
    {
        step.Context.Assume("the input is N(0, 1), independent over samples and features");
        Shape shape = new(Shape);
        double positions = (Shape ?? System.Array.Empty<int?>()).Reverse().Skip(1).Aggregate(1.0, (product, size) => product * (size ?? step.Context.Options.AssumedExtent));
        return Signal.StandardNormal(shape, step.Context.Width(shape.Last), positions);
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => System.Array.Empty<Gradient>();
}

/// <summary>An operation that could not be understood: the prediction stops there and says so.</summary>
/// <param name="Reason">Why, in words for the user.</param>
public sealed record OpaqueLayer(string Reason) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Opaque";

    internal override (int Least, int Most) InputCount => (0, int.MaxValue);

    internal override Signal Forward(Step step) => throw new PredictionStopException(Reason);

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => throw new PredictionStopException(Reason);
}
