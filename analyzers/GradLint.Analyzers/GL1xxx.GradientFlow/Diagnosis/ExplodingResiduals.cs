using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Rules;

/// <summary>Residual blocks that add more to the signal than they should, because nothing normalizes what goes into their branches.</summary>
/// <param name="Blocks">The number of such blocks.</param>
/// <param name="Growth">Decades by which the backward signal grows.</param>
/// <param name="Normalized">The growth with a norm at the start of each branch.</param>
/// <param name="Starts">The code that creates the first layer of each branch; null where some have none.</param>
/// <param name="Ends">The code that creates the last layer of each branch; null where some have none, or where an activation follows it, through which nothing would be learned from zero.</param>
/// <param name="Location">Where it is reported.</param>
internal sealed record ExplodingResiduals(
    int Blocks, double Growth, double Normalized, IReadOnlyList<SyntaxNode>? Starts, IReadOnlyList<SyntaxNode>? Ends, Location Location)
    : FlowFinding(Location, RuleLevel.Warning)
{
    public static ExplodingResiduals? Find(Network network, double decades)
    {
        if (network.Growth < decades)
        {
            return null;
        }

        IReadOnlyList<GraphNode>[] branches = [.. network.Skips.Sums.Select(sum => sum.Branch).OfType<IReadOnlyList<GraphNode>>().Where(branch => !branch.Any(node => node.Layer is NormalizationLayer))];
        GraphNode[] starts = [.. branches.Select(branch => branch.First(node => node.Layer is WeightLayer)).Where(node => node.Layer is LinearLayer or ConvolutionBase)];
        if (starts.Length == 0
            || network.Model.Predict(network.Graph.NormalizingBefore([.. starts.Select(node => node.Name)])).Growth is not { } normalized
            || normalized > network.Growth / 2)
        {
            return null;
        }

        bool endPlainly = branches.All(branch => branch[branch.Count - 1].Layer is LinearLayer or ConvolutionBase);
        return new ExplodingResiduals(
            starts.Length,
            network.Growth,
            normalized,
            network.CreationsOf(starts),
            endPlainly ? network.CreationsOf(branches.Select(branch => branch[branch.Count - 1])) : null,
            network.Model.Location);
    }
}
