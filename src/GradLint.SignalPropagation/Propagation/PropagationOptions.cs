namespace GradLint.SignalPropagation;

/// <summary>What is to be assumed where the graph says nothing.</summary>
public sealed record PropagationOptions
{
    /// <summary>B, the number of samples in a batch: 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The loss at the output: the mean squared error against a target of N(0, 1).</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>The width of layers whose width is unknown: 128.</summary>
    public int AssumedWidth { get; init; } = 128;

    /// <summary>The extent of spatial and time axes whose extent is unknown: 16.</summary>
    public int AssumedExtent { get; init; } = 16;

    /// <summary>The most nodes that are propagated; larger graphs are not predicted. 20,000.</summary>
    public int MostNodes { get; init; } = 20_000;

    /// <summary>
    /// The largest sum of 1/width over the layers for which one number is given. Beyond it the growth of two networks drawn from the same distribution differs by
    /// more than a decade (Hanin and Nica 2018), and <see cref="GradientFlow.Growth"/> is null; the range remains.
    /// </summary>
    public double LargestDepthOverWidth { get; init; } = 3;
}
