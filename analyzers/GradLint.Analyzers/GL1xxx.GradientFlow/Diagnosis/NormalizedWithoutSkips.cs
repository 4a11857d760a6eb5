using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Rules;

/// <summary>A deep network whose norms, with no skip connections beside them, make the gradient explode.</summary>
/// <param name="Layers">The number of weight layers.</param>
/// <param name="Norm">The kind of norm that most of the growth comes from.</param>
/// <param name="Growth">Decades by which the backward signal grows.</param>
/// <param name="ActivationsBeforeNorms">The code that creates each activation right before a LayerNorm, where its place is behind it; null where there are none, or norms of other kinds too.</param>
/// <param name="Location">Where it is reported.</param>
internal sealed record NormalizedWithoutSkips(int Layers, string Norm, double Growth, IReadOnlyList<SyntaxNode>? ActivationsBeforeNorms, Location Location)
    : FlowFinding(Location, RuleLevel.Advice)
{
    public static NormalizedWithoutSkips? Find(Network network, double decades)
    {
        if (network.Growth < decades || network.Skips.HasSkips || !network.Graph.Nodes.Any(node => node.Layer is NormalizationLayer))
        {
            return null;
        }

        Contribution[] norms = [.. network.Flow.Contributions.Where(one => one.Kind == ContributionKind.Normalization)];
        return norms.Sum(one => one.Decades) >= network.Growth / 2
            ? new NormalizedWithoutSkips(network.Model.WeightLayerCount, norms[0].Choice, network.Growth, FindActivationsToMove(network), network.Model.Location)
            : null;
    }

    private static IReadOnlyList<SyntaxNode>? FindActivationsToMove(Network network)
    {
        GraphNode[] norms = [.. network.Graph.Nodes.Where(node => node.Layer is NormalizationLayer)];
        GraphNode[] before = [.. norms.Where(norm => norm.Layer is LayerNormLayer).Select(norm => network.Graph[norm.Inputs[0]]).Where(node => node.Layer is ActivationLayer)];
        return before.Length == norms.Length ? network.CreationsOf(before) : null;
    }
}
