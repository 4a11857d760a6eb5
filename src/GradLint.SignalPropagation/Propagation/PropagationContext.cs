using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>One layer during the forward pass: its node, what comes in and, once it is known, what goes out.</summary>
internal sealed class Step
{
    private Signal? _output;

    /// <summary>A step whose output is not known yet.</summary>
    public Step(GraphNode node, IReadOnlyList<Signal> inputs, PropagationContext context)
    {
        Node = node;
        Inputs = inputs;
        Context = context;
    }

    /// <summary>The node.</summary>
    public GraphNode Node { get; }

    /// <summary>The moments at each input.</summary>
    public IReadOnlyList<Signal> Inputs { get; }

    /// <summary>The moments at the only input.</summary>
    public Signal Input => Inputs[0];

    /// <summary>What the whole propagation shares.</summary>
    public PropagationContext Context { get; }

    /// <summary>Whether the output was assumed, because the layer could not be propagated: then nothing goes back through it.</summary>
    public bool IsAssumed { get; set; }

    /// <summary>The cells of a recurrent layer, from the forward pass.</summary>
    public RecurrentCell[]? Recurrent { get; set; }

    /// <summary>A number of its own, from which the draws of units follow.</summary>
    public int Seed { get; init; }

    /// <summary>The units of each input of a sum whose units are followed one by one.</summary>
    public UnitPopulation[]? InputUnits { get; set; }

    /// <summary>The second moment over the positions of what a convolution reads, and the number of taps that do, from the forward pass.</summary>
    public (Profile Profile, double TapsPerOutput)? Patches { get; set; }

    /// <summary>The moments of the maximum that a max pool takes, from the forward pass.</summary>
    public (double LnSquare, double Mean, double Slope)? Maximum { get; set; }

    /// <summary>log10 |dL/dx_1| / |dL/dx_T| of a recurrent layer, from the backward pass.</summary>
    public double? GrowthThroughTime { get; set; }

    /// <summary>ln |dL/dW|^2 where the backward pass of the layer itself finds it.</summary>
    public double? LnWeightGradient { get; set; }

    /// <summary>The moments at the output.</summary>
    public Signal Output
    {
        get => _output ?? throw new InvalidOperationException($"'{Node.Name}' has not been propagated.");
        set => _output = value;
    }
}

/// <summary>The prediction stops at a layer.</summary>
internal sealed class PredictionStopException : Exception
{
    public PredictionStopException(string reason)
        : base(reason)
    {
    }
}

/// <summary>What one propagation shares: its options, the assumptions taken, and the moments computed so far.</summary>
internal sealed class PropagationContext
{
    private const double FineSpacing = 0.125;
    private const double CoarseSpacing = 1;
    private const double WideSpacing = 16;
    private const double NearEnd = 16;
    private const double FarEnd = 48;

    private readonly Dictionary<(Activation Function, double LnQ, double MeanRatio), ActivationMoments> _moments = new();
    private readonly Dictionary<(Activation Function, double LnQ), ActivationMoments> _grid = new();
    private readonly Dictionary<(Activation Function, double LnQ, double UnitCorrelation, double CommonSize), CommonMode?> _commonModes = new();
    private readonly Dictionary<double, LargestOfGaussians> _largest = new();
    private readonly Dictionary<(Activation Function, double LnQ, double MeanRatio, double Correlation, double Count), (double LnSquare, double Mean, double Slope)> _maxima = new();
    private readonly List<string> _assumptions = new();

    /// <summary>A fresh context.</summary>
    public PropagationContext(NetworkGraph graph, PropagationOptions options)
    {
        Graph = graph;
        Options = options;
        OutsideActivations = graph.Nodes.Count(node => node.Layer is ActivationLayer && IsOfSum(graph, graph[node.Inputs[0]]));
    }

    /// <summary>The graph.</summary>
    public NetworkGraph Graph { get; }

    /// <summary>The number of activations that act on a sum of branches, directly or after a norm.</summary>
    public int OutsideActivations { get; }

    /// <summary>The number of units that are followed one by one where units are not Gaussian.</summary>
    public int FollowedUnits => UnitPopulation.UnitsFor(OutsideActivations);

    /// <summary>The options.</summary>
    public PropagationOptions Options { get; }

    /// <summary>The forward steps so far, by node.</summary>
    public Dictionary<string, Step> Steps { get; } = new();

    /// <summary>The assumptions taken so far, in order.</summary>
    public IReadOnlyList<string> Assumptions => _assumptions;

    private static bool IsOfSum(NetworkGraph graph, GraphNode node) =>
        node.Layer is AddLayer && node.Inputs.Count > 1 || (node.Layer is NormalizationLayer or ScaleLayer && IsOfSum(graph, graph[node.Inputs[0]]));

    /// <summary>Lists an assumption, once.</summary>
    public void Assume(string assumption)
    {
        if (!_assumptions.Contains(assumption))
        {
            _assumptions.Add(assumption);
        }
    }

    /// <summary>A size, or the assumed width where it is unknown.</summary>
    public double Width(int? size)
    {
        if (size is { } known)
        {
            return known;
        }

        Assume($"unknown widths are equal (taken as {Options.AssumedWidth})");
        return Options.AssumedWidth;
    }

    /// <summary>n, the number of units of a signal.</summary>
    public double Units(Signal signal) => Width(signal.Axis == UnitAxis.Last ? signal.Shape.Last : signal.Shape.First);

    /// <summary>P, the number of positions of a signal.</summary>
    public double Positions(Signal signal)
    {
        if (signal.Shape.Sizes is not { Count: > 1 } sizes)
        {
            return 1;
        }

        int unitAxis = signal.Axis == UnitAxis.Last ? sizes.Count - 1 : 0;
        double positions = 1;
        for (int axis = 0; axis < sizes.Count; axis++)
        {
            positions *= axis == unitAxis ? 1 : Extent(sizes[axis]);
        }

        return positions;
    }

    /// <summary>A number of positions along one axis, or the assumed one where it is unknown.</summary>
    public double Extent(int? size)
    {
        if (size is { } known)
        {
            return known;
        }

        Assume($"unknown extents are {Options.AssumedExtent}");
        return Options.AssumedExtent;
    }

    /// <summary>B P, how often each unit occurs in a batch.</summary>
    public double Count(Signal signal) => Options.BatchSize * Positions(signal);

    /// <summary>The average, over all pairs of occurrences of a unit in the batch, of a quantity given for each kind of pair.</summary>
    public double Mix(Signal signal, double same, Pairs others)
    {
        double samples = Options.BatchSize;
        double positions = Positions(signal);
        return (same + ((samples - 1) * others.Sample) + ((positions - 1) * others.Position) + ((samples - 1) * (positions - 1) * others.Both))
            / (samples * positions);
    }

    /// <summary>
    /// ln of the mean over the batch of exp(k d), with d ~ N(0, spread) over the samples: k^2 spread / 2, until the largest of the B samples is the whole sum (Derrida 1981, the random energy model).
    /// </summary>
    public double LnBatchMean(double k, double spread)
    {
        double scale = Math.Abs(k) * Math.Sqrt(spread);
        double freezing = LargestDeviation;
        return scale <= freezing ? 0.5 * scale * scale : freezing * (scale - (0.5 * freezing));
    }

    /// <summary>How many standard deviations the largest of the B samples is above the mean: sqrt(2 ln B).</summary>
    public double LargestDeviation => Math.Sqrt(2 * Math.Log(Math.Max(1, Options.BatchSize)));

    /// <summary>The average over all pairs of positions of one sample.</summary>
    public double MixPositions(Signal signal, double same, Pairs others)
    {
        double positions = Positions(signal);
        return (same + ((positions - 1) * others.Position)) / positions;
    }

    /// <summary>The activation's moments at a signal, computed once for each second moment.</summary>
    public ActivationMoments Moments(Activation function, Signal signal)
    {
        ActivationMoments gaussian = GaussianMoments(function, signal.LnQ, signal.MeanRatio);
        if (signal.UnitCorrelation == 0)
        {
            return gaussian;
        }

        (Activation, double, double, double) key = (function, Rounded(signal.LnQ), Rounded(signal.UnitCorrelation), Rounded(signal.CommonSize));
        if (!_commonModes.TryGetValue(key, out CommonMode? common))
        {
            _commonModes.Add(key, common = CommonMode.Of(function, signal, gaussian));
        }

        return common ?? gaussian;
    }

    // Layers of a stack come to a fixed point and stay within a millionth of it.
    private static double Rounded(double value) => Math.Round(value, 6);

    /// <summary>The activation's moments at a centred signal of that ln q.</summary>
    public ActivationMoments Moments(Activation function, double lnQ) => GaussianMoments(function, lnQ, 0);

    private ActivationMoments GaussianMoments(Activation function, double lnQ, double meanRatio)
    {
        (Activation, double, double) key = (function, lnQ, meanRatio);
        if (!_moments.TryGetValue(key, out ActivationMoments? moments))
        {
            moments = meanRatio != 0 || function.IsHomogeneous ? function.Moments(lnQ, meanRatio)
                : lnQ > Activation.LargestLnQ ? function.OutOfScale(lnQ, At(function, Activation.LargestLnQ))
                : lnQ < Activation.SmallestLnQ ? function.OutOfScale(lnQ, At(function, Activation.SmallestLnQ))
                : Interpolated(function, lnQ);
            _moments.Add(key, moments);
        }

        return moments;
    }

    /// <summary>The distribution of the largest of N Gaussians, computed once for each N.</summary>
    private LargestOfGaussians Largest(double n)
    {
        if (!_largest.TryGetValue(n, out LargestOfGaussians? largest))
        {
            _largest.Add(n, largest = LargestOfGaussians.Of(n));
        }

        return largest;
    }

    /// <summary>The moments of the maximum of N Gaussians seen through an activation, computed once for each signal.</summary>
    public (double LnSquare, double Mean, double Slope) Maximum(
        Activation function, Signal signal, double n, Func<Activation, Signal, LargestOfGaussians, (double LnSquare, double Mean, double Slope)> find)
    {
        (Activation, double, double, double, double) key = (function, Rounded(signal.LnQ), Rounded(signal.MeanRatio), Rounded(signal.DeviationCorrelation.Position), n);
        if (!_maxima.TryGetValue(key, out (double LnSquare, double Mean, double Slope) maximum))
        {
            _maxima.Add(key, maximum = find(function, signal, Largest(n)));
        }

        return maximum;
    }

    // On a fixed grid over ln q, finer where activations bend: a thousand layers share a few hundred quadratures.
    private ActivationMoments Interpolated(Activation function, double lnQ)
    {
        double spacing = Math.Abs(lnQ) < NearEnd ? FineSpacing : Math.Abs(lnQ) < FarEnd ? CoarseSpacing : WideSpacing;
        double place = Math.Floor(lnQ / spacing);
        ActivationMoments low = At(function, place * spacing);
        ActivationMoments high = At(function, (place + 1) * spacing);
        return double.IsNegativeInfinity(low.LnV) || double.IsNegativeInfinity(low.LnD)
            ? function.Moments(lnQ, 0) // nothing passes a threshold that is far away: there is no curve through the logarithm of zero
            : new InterpolatedMoments(low, high, (lnQ / spacing) - place, spacing);
    }

    private ActivationMoments At(Activation function, double lnQ)
    {
        if (!_grid.TryGetValue((function, lnQ), out ActivationMoments? moments))
        {
            moments = function.Moments(lnQ, 0);
            _grid.Add((function, lnQ), moments);
        }

        return moments;
    }
}
