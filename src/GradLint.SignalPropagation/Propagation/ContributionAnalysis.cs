using System;
using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>
/// Which choices account for the growth: the network is propagated again with one kind of choice after the other made neutral, and each is
/// credited with the difference. The differences sum to the growth.
/// </summary>
internal static class ContributionAnalysis
{
    private const double Negligible = 1e-9;

    /// <summary>The contributions, largest first.</summary>
    /// <param name="graph">The network, without composite layers.</param>
    /// <param name="options">What the prediction assumed.</param>
    /// <param name="flow">The prediction.</param>
    public static IReadOnlyList<Contribution> Of(NetworkGraph graph, PropagationOptions options, GradientFlow flow)
    {
        if ((flow.Growth ?? SignalPropagator.GrowthOf(graph, options)) is not { } growth || double.IsInfinity(growth))
        {
            return Array.Empty<Contribution>();
        }

        List<Contribution> contributions = new();
        NetworkGraph current = graph;
        foreach ((ContributionKind kind, Func<NetworkGraph, GraphNode, Layer> neutral) in s_neutral)
        {
            // Most networks have only some of the kinds.
            if (current.Nodes.All(node => Equals(neutral(current, node), node.Layer)))
            {
                continue;
            }

            NetworkGraph next = current.With(node => neutral(current, node));
            double? without = SignalPropagator.GrowthOf(next, options);
            double decades = without is { } value && !double.IsInfinity(value) ? growth - value : 0;
            contributions.AddRange(Split(kind, decades, graph, current, next, flow));
            (current, growth) = (next, growth - decades);
        }

        contributions.Add(new Contribution(ContributionKind.Structure, "structure", Array.Empty<string>(), growth));
        return contributions.Where(one => Math.Abs(one.Decades) > Negligible).OrderByDescending(one => Math.Abs(one.Decades)).ToArray();
    }

    private static readonly (ContributionKind Kind, Func<NetworkGraph, GraphNode, Layer> Neutral)[] s_neutral =
    {
        (ContributionKind.Initialization, (graph, node) => node.Layer is WeightLayer layer ? layer with { Weight = Initialization.Fitting(graph, node) } : node.Layer),
        (ContributionKind.Normalization, (_, node) => node.Layer is NormalizationLayer ? new ScaleLayer(1) : node.Layer),
        (ContributionKind.Residual, (_, node) => node.Layer is AddLayer add ? add with { Weight = 1 / Math.Sqrt(node.Inputs.Count) } : node.Layer),
        (ContributionKind.Activation, (graph, node) => node.Layer switch
        {
            ActivationLayer => new ActivationLayer(Activation.Identity),
            WeightLayer layer => layer with { Weight = Activation.Identity.FittingInitializer },
            _ => node.Layer,
        }),
    };

    // Nodes that made the same choice stand together; the decades are shared out by what each layer would contribute on its own.
    private static IEnumerable<Contribution> Split(ContributionKind kind, double decades, NetworkGraph graph, NetworkGraph current, NetworkGraph next, GradientFlow flow)
    {
        if (kind == ContributionKind.Initialization)
        {
            return SplitInitialization(decades, graph, flow);
        }

        List<GraphNode> changed = current.Nodes
            .Where(node => !Equals(node.Layer, next[node.Name].Layer) && (kind != ContributionKind.Activation || node.Layer is ActivationLayer)).ToList();
        return changed.GroupBy(node => Choice(node.Layer))
            .Select(group => new Contribution(kind, group.Key as string ?? RecordText.Write(group.Key), group.Select(node => node.Name).ToArray(), decades * group.Count() / changed.Count));
    }

    private static IEnumerable<Contribution> SplitInitialization(double decades, NetworkGraph graph, GradientFlow flow)
    {
        // The first layer's weights lie before dL/dz_first.
        Dictionary<string, double> byNode = flow.Layers.Skip(1)
            .Where(layer => layer.InitializationDecades != 0).ToDictionary(layer => layer.Name, layer => layer.InitializationDecades);
        double total = byNode.Values.Sum(Math.Abs);
        return graph.Nodes.Where(node => byNode.ContainsKey(node.Name)).GroupBy(node => ((WeightLayer)node.Layer).Weight)
            .Select(group => new Contribution(
                ContributionKind.Initialization, RecordText.Write(group.Key), group.Select(node => node.Name).ToArray(), decades * group.Sum(node => Math.Abs(byNode[node.Name])) / total));
    }

    // Written only once for each choice.
    private static object Choice(Layer layer) => layer is ActivationLayer activation ? activation.Function : layer.Kind;
}
