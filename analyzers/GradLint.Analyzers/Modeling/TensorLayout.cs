using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>What an axis of a tensor counts.</summary>
internal enum AxisRole
{
    Batch,

    /// <summary>Features or channels: what a layer's weights tell apart.</summary>
    Unit,

    /// <summary>Steps in time or places in a picture.</summary>
    Position,

    /// <summary>The layers of a recurrent stack, in its last hidden state.</summary>
    Layer,
}

/// <summary>An axis and its size, where that is known.</summary>
internal readonly record struct Axis(AxisRole Role, int? Size = null);

/// <summary>The axes of a tensor in order, with the batch.</summary>
internal sealed class TensorLayout(IEnumerable<Axis> axes)
{
    private readonly Axis[] _axes = [.. axes];

    public int Rank => _axes.Length;

    public Axis this[int index] => _axes[index];

    public IEnumerable<Axis> Axes => _axes;

    public bool HasPositions => _axes.Any(axis => axis.Role == AxisRole.Position);

    /// <summary>The number of units, over all the axes that they are spread over; null where it is not known.</summary>
    public int? Units => _axes.Where(axis => axis.Role == AxisRole.Unit).Aggregate((int?)1, (product, axis) => product * axis.Size);

    /// <summary>[batch, features].</summary>
    public static TensorLayout Vectors(int? units) => new([new Axis(AxisRole.Batch), new Axis(AxisRole.Unit, units)]);

    /// <summary>[batch, channels, and so many axes of positions].</summary>
    public static TensorLayout Picture(int? channels, int axes) =>
        new([new Axis(AxisRole.Batch), new Axis(AxisRole.Unit, channels), .. Enumerable.Repeat(new Axis(AxisRole.Position), axes)]);

    /// <summary>[batch, time, features] or [time, batch, features].</summary>
    public static TensorLayout Sequence(int? units, bool isBatchFirst)
    {
        Axis batch = new(AxisRole.Batch);
        Axis time = new(AxisRole.Position);
        return new TensorLayout([isBatchFirst ? batch : time, isBatchFirst ? time : batch, new Axis(AxisRole.Unit, units)]);
    }

    /// <summary>Where an axis is, counted from the end when negative; null where there is none.</summary>
    public int? IndexOf(int? dimension) => dimension switch
    {
        >= 0 and { } index when index < Rank => index,
        < 0 and { } index when index + Rank >= 0 => index + Rank,
        _ => null,
    };

    public AxisRole? RoleOf(int? dimension) => IndexOf(dimension) is { } index ? _axes[index].Role : null;

    public TensorLayout Without(int index) => new(_axes.Where((_, i) => i != index));

    public TensorLayout WithInserted(int index, Axis axis) => new([.. _axes.Take(index), axis, .. _axes.Skip(index)]);

    public TensorLayout With(int index, Axis axis) => new(_axes.Select((old, i) => i == index ? axis : old));

    public TensorLayout Permuted(IReadOnlyList<int> order) => new(order.Select(index => _axes[index]));

    /// <summary>The layout of a layer's output; null where it cannot be told.</summary>
    public static TensorLayout? After(Layer layer, TensorLayout? input) => layer switch
    {
        ConvolutionBase convolution => Picture(convolution.OutChannels, convolution.Kernel.Count),
        LinearLayer linear => input?.WithLastUnits(linear.OutFeatures),
        EmbeddingLayer embedding => input is null
            ? Sequence(embedding.Dimension, isBatchFirst: true)
            : new TensorLayout([.. input._axes, new Axis(AxisRole.Unit, embedding.Dimension)]),
        FlattenLayer => Vectors(null),
        SelectLayer or MeanLayer => input is null ? null : Vectors(input.Units),
        MaxPoolLayer pool => Pooled(input, pool.Kernel.Count, null),
        AvgPoolLayer pool => Pooled(input, pool.Kernel.Count, null),
        AdaptiveAvgPoolLayer pool => Pooled(input, pool.OutputSize?.Count, pool.OutputSize),
        AdaptiveMaxPoolLayer pool => Pooled(input, pool.OutputSize?.Count, pool.OutputSize),
        ConcatLayer => input?.WithUnits(null),
        _ => input,
    };

    /// <summary>The same positions with another number of units.</summary>
    public TensorLayout WithUnits(int? units) => new(_axes.Select(axis => axis.Role == AxisRole.Unit ? axis with { Size = units } : axis));

    private TensorLayout WithLastUnits(int? units) =>
        new([.. _axes.Take(Rank - 1).Select(axis => axis.Role == AxisRole.Unit ? axis with { Role = AxisRole.Position } : axis), new Axis(AxisRole.Unit, units)]);

    private static TensorLayout? Pooled(TensorLayout? input, int? axes, IReadOnlyList<int>? sizes)
    {
        if (input is null)
        {
            return axes is { } known ? Picture(null, known) : null;
        }

        int position = 0;
        return new TensorLayout(input._axes.Select(axis => axis.Role == AxisRole.Position ? axis with { Size = sizes?.ElementAtOrDefault(position++) } : axis));
    }
}
