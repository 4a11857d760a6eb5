using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// Moves the units from the first axis to the last or the other way round: [C, positions...] and [positions..., C], as between a convolution and a layer over sequences.
/// </summary>
public sealed record TransposeLayer : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Transpose";

    internal override bool IsUnitwise => true;

    internal override Signal Forward(Step step)
    {
        Signal x = step.Input;
        bool toLast = x.Axis == UnitAxis.First;
        IReadOnlyList<int?>? sizes = x.Shape.Sizes;
        return x with
        {
            Axis = toLast ? UnitAxis.Last : UnitAxis.First,
            Shape = sizes is null || sizes.Count < 2 ? x.Shape
                : new Shape(toLast ? sizes.Skip(1).Concat(sizes.Take(1)).ToArray() : sizes.Skip(sizes.Count - 1).Concat(sizes.Take(sizes.Count - 1)).ToArray()),
        };
    }

    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => new[] { gradient with { Shape = step.Input.Shape } };
}

/// <summary>Some of the units, such as one of the parts that <c>chunk</c> makes: the moments of each unit stay as they are.</summary>
/// <param name="Share">The share of the units that it takes, in (0, 1].</param>
public sealed record SliceLayer(double Share) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "Slice";

    internal override string? Problem => Share is > 0 and <= 1 ? null : $"takes {Share} of the units, which must be in (0, 1]";

    internal override Signal Forward(Step step)
    {
        Signal x = step.Input;
        int? units = x.Axis == UnitAxis.Last ? x.Shape.Last : x.Shape.First;
        int? taken = units is { } all ? (int)Math.Max(1, Math.Round(all * Share)) : null;
        return x with
        {
            Shape = x.Axis == UnitAxis.Last ? x.Shape.WithLast(taken) : new Shape(x.Shape.Sizes?.Select((size, axis) => axis == 0 ? taken : size).ToArray()),
        };
    }

    /// <summary>
    /// The other units receive nothing: p is the mean over all of them. What several parts return has no unit in common, so that nothing of it may count as coherent.
    /// </summary>
    internal override IReadOnlyList<Gradient> Backward(Step step, Gradient gradient) => new[]
    {
        gradient with { Shape = step.Input.Shape, LnP = gradient.LnP + Math.Log(Share), MeanRatio = 0, Alignment = 0 },
    };
}
