using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>The families of optimizers that differ in how a step depends on the gradient's size.</summary>
public enum OptimizerFamily
{
    /// <summary>The step is proportional to the gradient: SGD, with or without momentum.</summary>
    Sgd,

    /// <summary>The step of each weight is about the learning rate, whatever the gradient: Adam, AdamW and their like.</summary>
    Adam,
}

/// <summary>An optimizer, as far as its stability is concerned.</summary>
/// <param name="Family">How its steps depend on the gradient.</param>
/// <param name="LearningRate">The learning rate.</param>
public sealed record OptimizerSettings(OptimizerFamily Family, double LearningRate)
{
    /// <summary>The momentum of SGD; steps add up to 1 / (1 - Momentum) times as much. 0 by default.</summary>
    public double Momentum { get; init; }
}

/// <summary>Whether training will diverge, and what decides it.</summary>
/// <param name="Diverges">The verdict; null where the prediction had to stop.</param>
/// <param name="Score">What is held against <paramref name="Threshold"/>.</param>
/// <param name="Threshold">The score above which training diverges.</param>
/// <param name="Layer">The layer that contributes most to the score; null where there is none.</param>
public sealed record DivergenceVerdict(bool? Diverges, double Score, double Threshold, string? Layer);

/// <summary>
/// Will this network diverge at this learning rate? A verdict on one rate, from the predicted norms at initialization, not an estimate of the largest stable rate: that beats no constant.
/// </summary>
/// <remarks>
/// SGD diverges where a step moves some layer by a sizeable part of its own weights: max over the layers of lr |g| / |W|, which is the edge of stability (Cohen et al. 2021)
/// seen from the first step. It does not where norm layers, which shrink the gradient as the weights grow, meet the bounded gradient of cross-entropy. Adam's step is lr in each weight: a matrix
/// of such steps has the spectral norm lr sqrt(n_in n_out), the weights have sigma_W (sqrt n_in + sqrt n_out). With delta the ratio of the two, a layer's output grows by sqrt(1 + delta^2),
/// as what the step adds is not aligned with what random weights give, so that many small steps do not add up to a large one; and the growths multiply over the layers after the last
/// norm or saturating activation.
/// </remarks>
public static class DivergenceCriterion
{
    private const double SgdThreshold = 0.6;
    private const double AdamThreshold = 1.7;

    /// <summary>Judges a network with an optimizer.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="options">What to assume where the graph says nothing; null for the defaults.</param>
    public static DivergenceVerdict Judge(NetworkGraph graph, OptimizerSettings optimizer, PropagationOptions? options = null)
    {
        options ??= new PropagationOptions();
        return optimizer.Family == OptimizerFamily.Sgd ? JudgeSgd(graph, optimizer, options) : JudgeAdam(graph, optimizer, options);
    }

    private static DivergenceVerdict JudgeSgd(NetworkGraph graph, OptimizerSettings optimizer, PropagationOptions options)
    {
        GradientFlow flow = SignalPropagator.Propagate(graph, options);
        if (flow.Layers.Count == 0)
        {
            return new DivergenceVerdict(null, 0, SgdThreshold, null);
        }

        double lnRate = Math.Log10(optimizer.LearningRate / (1 - optimizer.Momentum));
        LayerFlow worst = flow.Layers.OrderByDescending(layer => layer.Log10GradientNorm - layer.Log10WeightNorm).First();
        double score = Math.Pow(10, Math.Min(300, lnRate + worst.Log10GradientNorm - worst.Log10WeightNorm));
        bool isTamed = options.Loss == Loss.CrossEntropy && CompositeLayer.Expand(graph).Nodes.Any(node => node.Layer is NormalizationLayer);
        return new DivergenceVerdict(score > SgdThreshold && !isTamed, score, SgdThreshold, worst.Name);
    }

    private static DivergenceVerdict JudgeAdam(NetworkGraph graph, OptimizerSettings optimizer, PropagationOptions options)
    {
        graph = CompositeLayer.Expand(graph);
        PropagationContext context = new(graph, options);
        ForwardPass.Run(context);
        List<(string Name, double Decades)> chain = new();
        foreach (GraphNode node in Unbounded(graph))
        {
            if (node.Layer is WeightLayer layer && context.Steps.TryGetValue(node.Name, out Step? step))
            {
                chain.Add((node.Name, Decades(layer, step, optimizer.LearningRate)));
            }
        }

        double score = chain.Sum(link => link.Decades) * (options.Loss == Loss.CrossEntropy ? 0.5 : 1);
        return new DivergenceVerdict(score > AdamThreshold, score, AdamThreshold, chain.OrderByDescending(link => link.Decades).FirstOrDefault().Name);
    }

    // log10 sqrt(1 + delta^2), delta = lr sqrt(n_in n_out) / (sigma_W (sqrt n_in + sqrt n_out))
    private static double Decades(WeightLayer layer, Step step, double rate)
    {
        Fans fans = layer.Fans(step);
        double mean = layer.Weight.Mean(fans);
        double sigma = Math.Sqrt(Math.Max(1e-30, layer.Weight.Variance(fans) + (mean * mean)));
        double delta = rate * Math.Sqrt(fans.In * fans.Out) / (sigma * (Math.Sqrt(fans.In) + Math.Sqrt(fans.Out)));
        return 0.5 * Math.Log10(1 + (delta * delta));
    }

    // The nodes that no norm and no saturating activation follows on the way to the output.
    private static IEnumerable<GraphNode> Unbounded(NetworkGraph graph)
    {
        HashSet<string> reached = new() { graph.Output.Name };
        foreach (GraphNode node in graph.Nodes.Reverse().Where(node => reached.Contains(node.Name)))
        {
            bool bounds = node.Layer is NormalizationLayer or RecurrentLayer
                || node.Layer is ActivationLayer { Function: { LeftSlope: 0, RightSlope: 0 } function } && function is not Softmax;
            if (!bounds)
            {
                yield return node;
                reached.UnionWith(node.Inputs);
            }
        }
    }
}
