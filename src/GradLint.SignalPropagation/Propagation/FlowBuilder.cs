using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>Turns the two passes into the result.</summary>
internal static class FlowBuilder
{
    private const double HalfLog10E = 0.21714724095162588; // d log10 |x| / d ln |x|^2
    private const double Float32Largest = 38.5;
    private const double Float32Smallest = -44.8;

    /// <summary>Half the width of the interval in standard deviations.</summary>
    private const double Coverage = 2.2;

    /// <summary>What the theory misses besides the fluctuation of finite width, in decades: a part of its own, and one for each weight layer. Set on the first validation grid.</summary>
    private const double ModelError = 0.08;
    private const double ModelErrorPerLayer = 0.004;

    /// <summary>What it misses more for each activation on the outside of a residual sum without norm: its units are no longer Gaussian.</summary>
    private const double ModelErrorPerOutsideActivation = 0.01;

    /// <summary>Where ln p may be off by more than this, an interval would tell nothing either.</summary>
    private const double LargestDoubt = 100;

    /// <summary>The result where nothing could be propagated.</summary>
    public static GradientFlow Stopped(StopReason stop) => new(_ => Array.Empty<Contribution>()) { Stop = stop };

    /// <summary>The result.</summary>
    public static GradientFlow Build(
        PropagationContext context, ForwardPass forward, BackwardPass backward, Func<GradientFlow, IReadOnlyList<Contribution>> contributions)
    {
        List<Step> weights = TrainedSteps(context);
        bool complete = IsComplete(backward, weights);
        (double? growth, double? low, double? high) = complete && weights.Count > 1 ? Growth(context, backward, weights) : default;
        return new GradientFlow(contributions)
        {
            Growth = growth is not null && IsOneNumber(context, VarianceOfGrowth(backward, weights)) ? growth : null,
            Low = low,
            High = high,
            Layers = complete ? Layers(context, backward, weights) : Array.Empty<LayerFlow>(),
            GrowthThroughTime = complete ? ThroughTime(context, weights) : null,
            Span = complete && weights.Count > 1 ? WidestSpan(context, backward, weights) : null,
            Assumptions = context.Assumptions.ToArray(),
            Stop = forward.Stop ?? (weights.Count == 0 ? WhyNothingTrains(context.Graph) : null),
            Findings = Findings(context, backward).ToArray(),
        };
    }

    /// <summary>The growth alone, also where the network is so deep for its width that one number means little.</summary>
    public static double? GrowthOf(PropagationContext context, BackwardPass backward)
    {
        List<Step> weights = TrainedSteps(context);
        return weights.Count > 1 && IsComplete(backward, weights) ? Growth(context, backward, weights).Growth : null;
    }

    private static StopReason? WhyNothingTrains(NetworkGraph graph) => graph.Nodes.FirstOrDefault(node => node.Layer is DetachLayer) is { } cut
        ? new StopReason(cut.Name, "no gradient reaches a layer with weights: what they compute is detached")
        : null;

    private static List<Step> TrainedSteps(PropagationContext context) => context.Graph.Trained()
        .Where(node => node.Layer is WeightLayer && context.Steps.ContainsKey(node.Name))
        .Select(node => context.Steps[node.Name]).ToList();

    private static bool IsComplete(BackwardPass backward, List<Step> weights) => weights.Count > 0 && weights.All(step => backward[step.Node.Name] is not null);

    private static (double? Growth, double? Low, double? High) Growth(PropagationContext context, BackwardPass backward, List<Step> weights)
    {
        double first = Log10SignalNorm(context, backward, weights[0]);
        double last = Log10SignalNorm(context, backward, weights[weights.Count - 1]);
        double doubt = double.IsNegativeInfinity(first) ? DoubtOfDeath(context, weights) : backward[weights[0].Node.Name]!.Doubt;
        double margin = Margin(context, VarianceOfGrowth(backward, weights), weights.Count);
        bool isFar = !double.IsNegativeInfinity(first) && Math.Abs(first - last) > margin; // from zero, whatever the doubt
        if (double.IsNegativeInfinity(last) || (doubt > LargestDoubt && !isFar))
        {
            return default;
        }

        return (first - last, first - last - margin, first - last + margin);
    }

    // Where a signal has died for sure nothing that follows can change it.
    private static double DoubtOfDeath(PropagationContext context, List<Step> weights)
    {
        double[] dead = context.Steps.Values.Where(step => double.IsNegativeInfinity(step.Output.LnQ)).Select(step => step.Output.Doubt).ToArray();
        return dead.Length > 0 ? dead.Min() : weights.Max(step => step.Output.Doubt);
    }

    private static double? ThroughTime(PropagationContext context, List<Step> weights) => weights
        .Where(step => step.GrowthThroughTime is not null && context.Positions(step.Input) <= context.Units(step.Output))
        .Select(step => step.GrowthThroughTime)
        .OrderByDescending(growth => Math.Abs(growth!.Value)).FirstOrDefault();

    // Two networks drawn from the same distribution must agree to a few decades for one number to mean something.
    private static bool IsOneNumber(PropagationContext context, double variance) => variance <= 5 * context.Options.LargestDepthOverWidth;

    private static double Margin(PropagationContext context, double variance, int layers)
    {
        double model = ModelError + (ModelErrorPerLayer * layers) + (ModelErrorPerOutsideActivation * context.OutsideActivations);
        return Coverage * Math.Sqrt((HalfLog10E * HalfLog10E * Math.Max(0, variance)) + (model * model));
    }

    private static double VarianceOfGrowth(BackwardPass backward, List<Step> weights)
    {
        Gradient first = backward[weights[0].Node.Name]!;
        return first.OfGrowth.Variance + Square(first.Doubt);
    }

    private static double Square(double x) => x * x;

    // |dL/dz|^2 = B P n p
    private static double Log10SignalNorm(PropagationContext context, BackwardPass backward, Step step) =>
        HalfLog10E * (backward[step.Node.Name]!.LnP + Math.Log(context.Count(step.Output) * context.Units(step.Output)));

    private static LayerFlow[] Layers(PropagationContext context, BackwardPass backward, List<Step> weights)
    {
        double[] signals = weights.Select(step => Log10SignalNorm(context, backward, step)).ToArray();
        Dictionary<string, double> lnGradients = LnWeightGradients(backward, weights);
        LayerFlow[] layers = new LayerFlow[weights.Count];
        for (int i = 0; i < layers.Length; i++)
        {
            Step step = weights[i];
            double nextInput = i + 1 < layers.Length ? weights[i + 1].Input.LnQ : context.Steps.TryGetValue(context.Graph.Output.Name, out Step? end) ? end.Output.LnQ : step.Output.LnQ;
            double gradientNorm = HalfLog10E * lnGradients[step.Node.Name];
            double margin = Margin(context, backward[step.Node.Name]!.OfNorm.Variance + step.Input.BatchFluctuation, weights.Count);
            layers[i] = new LayerFlow(step.Node.Name, step.Node.Layer.Kind)
            {
                SecondMoment = Math.Exp(step.Output.LnBatchQ),
                Log10SecondMoment = 2 * HalfLog10E * step.Output.LnBatchQ,
                ForwardGain = Difference(HalfLog10E * nextInput, HalfLog10E * step.Input.LnQ),
                BackwardGain = i == 0 ? 0 : Difference(signals[i - 1], signals[i]),
                Log10SignalNorm = signals[i],
                Log10GradientNorm = gradientNorm,
                Log10GradientNormLow = gradientNorm - margin,
                Log10GradientNormHigh = gradientNorm + margin,
                GrowthThroughTime = step.GrowthThroughTime,
                Log10WeightNorm = Initialization.Log10WeightNorm(step),
                InitializationDecades = Initialization.Decades(step),
            };
        }

        return layers;
    }

    // ln |dL/dW|^2 by node, the uses of shared weights added up (their products average out) at every user.
    private static Dictionary<string, double> LnWeightGradients(BackwardPass backward, List<Step> weights)
    {
        Dictionary<string, double> own = weights.ToDictionary(step => step.Node.Name, step => ((WeightLayer)step.Node.Layer).LnWeightGradient(step, backward[step.Node.Name]!));
        Dictionary<string, double> total = new();
        foreach (Step step in weights)
        {
            string owner = step.Node.SharesWeightsWith ?? step.Node.Name;
            total[owner] = total.TryGetValue(owner, out double sum) ? SpecialFunctions.LogAdd(sum, own[step.Node.Name]) : own[step.Node.Name];
        }

        return weights.ToDictionary(step => step.Node.Name, step => total[step.Node.SharesWeightsWith ?? step.Node.Name]);
    }

    private static double Difference(double high, double low) => high == low ? 0 : high - low;

    private static LayerSpan WidestSpan(PropagationContext context, BackwardPass backward, List<Step> weights)
    {
        double[] signals = weights.Select(step => Log10SignalNorm(context, backward, step)).ToArray();
        (int first, int last, double decades) = (0, 1, 0);
        int lowest = 0;
        int highest = 0;
        for (int i = 1; i < signals.Length; i++)
        {
            Consider(highest, i);
            Consider(lowest, i);
            lowest = signals[i] < signals[lowest] ? i : lowest;
            highest = signals[i] > signals[highest] ? i : highest;
        }

        return new LayerSpan(weights[first].Node.Name, weights[last].Node.Name, decades);

        void Consider(int from, int to)
        {
            double growth = Difference(signals[from], signals[to]);
            if (Math.Abs(growth) > Math.Abs(decades))
            {
                (first, last, decades) = (from, to, growth);
            }
        }
    }

    private static IEnumerable<RangeFinding> Findings(PropagationContext context, BackwardPass backward)
    {
        List<(string Name, double Forward, double? Backward)> roots = context.Graph.Nodes
            .Where(node => context.Steps.ContainsKey(node.Name))
            .Select(node => (node.Name, HalfLog10E * context.Steps[node.Name].Output.LnQ, HalfLog10E * backward[node.Name]?.LnP))
            .ToList();
        foreach ((RangeProblem problem, Func<double, bool> isOut) in new (RangeProblem, Func<double, bool>)[]
        {
            (RangeProblem.ForwardOverflow, root => root > Float32Largest),
            (RangeProblem.ForwardUnderflow, root => root < Float32Smallest),
        })
        {
            (string name, double root, _) = roots.FirstOrDefault(entry => isOut(entry.Forward));
            if (name is not null)
            {
                yield return new RangeFinding(problem, name, root);
            }
        }

        foreach ((RangeProblem problem, Func<double, bool> isOut) in new (RangeProblem, Func<double, bool>)[]
        {
            (RangeProblem.BackwardOverflow, root => root > Float32Largest),
            (RangeProblem.BackwardUnderflow, root => root < Float32Smallest),
        })
        {
            (string name, _, double? root) = roots.LastOrDefault(entry => entry.Backward is { } value && isOut(value));
            if (name is not null)
            {
                yield return new RangeFinding(problem, name, root!.Value);
            }
        }
    }
}

/// <summary>What the weights of a layer contribute by themselves.</summary>
internal static class Initialization
{
    private const double HalfLog10E = 0.21714724095162588;

    /// <summary>The initializer that would fit: that of the activation which the layer's input comes from; for a first layer that of the
    /// activation after it.</summary>
    public static Initializer Fitting(NetworkGraph graph, GraphNode node)
    {
        string input = node.Inputs[0];
        while (true)
        {
            GraphNode before = graph[input];
            if (before.Layer is ActivationLayer activation)
            {
                return activation.Function.FittingInitializer;
            }

            if (before.Layer is InputLayer && AfterOf(graph, node) is { } after)
            {
                return after.Function.FittingInitializer;
            }

            if (before.Layer is WeightLayer || before.Inputs.Count != 1)
            {
                return Activation.Identity.FittingInitializer;
            }

            input = before.Inputs[0];
        }
    }

    private static ActivationLayer? AfterOf(NetworkGraph graph, GraphNode node) =>
        graph.Nodes.FirstOrDefault(other => other.Layer is ActivationLayer && other.Inputs[0] == node.Name)?.Layer as ActivationLayer;

    /// <summary>1/2 log10 (E W^2 / Var of the fitting initializer), with the rank-one part of weights that are not centred.</summary>
    public static double Decades(Step step)
    {
        WeightLayer layer = (WeightLayer)step.Node.Layer;
        Fans fans = layer.Fans(step);
        double fitting = Fitting(step.Context.Graph, step.Node).Variance(fans);
        double mean = layer.Weight.Mean(fans);
        double second = layer.Weight.Variance(fans) + (mean * mean * fans.Out);
        double decades = HalfLog10E * Math.Log(second / fitting);
        return Math.Abs(decades) < 1e-12 ? 0 : decades;
    }

    /// <summary>log10 |W|, Frobenius.</summary>
    public static double Log10WeightNorm(Step step)
    {
        WeightLayer layer = (WeightLayer)step.Node.Layer;
        Fans fans = layer.Fans(step);
        double mean = layer.Weight.Mean(fans);
        return HalfLog10E * Math.Log(layer.WeightCount(step) * (layer.Weight.Variance(fans) + (mean * mean)));
    }
}
