using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Rules;

/// <summary>A stack whose activations saturate, and in which the gradient vanishes.</summary>
/// <param name="Layers">The layers, in order of use.</param>
/// <param name="Activations">The saturating activations between them.</param>
/// <param name="Growth">Decades by which the backward signal grows from the last layer to the first.</param>
/// <param name="ToReplace">The code that makes these activations and no others; null where it is not known, or where weights are initialized for them.</param>
/// <param name="Location">Where it is reported.</param>
/// <param name="Level">How serious it is.</param>
internal sealed record SaturatingStack(
    IReadOnlyList<GraphNode> Layers, IReadOnlyList<GraphNode> Activations, double Growth, IReadOnlyList<SyntaxNode>? ToReplace, Location Location, RuleLevel Level)
    : FlowFinding(Location, Level)
{
    public static IEnumerable<SaturatingStack> FindAll(Network network, double warning, double advice)
    {
        foreach (IReadOnlyList<GraphNode> whole in network.Skips.Stacks(acrossNormalization: false))
        {
            // An output layer that is drawn small on purpose, as that of a policy, is not the activations' doing.
            IReadOnlyList<GraphNode> stack = network.IsDrawnSmall(whole[whole.Count - 1]) ? [.. whole.Take(whole.Count - 1)] : whole;
            if (stack.Count < 2)
            {
                continue;
            }

            double decades = -network.GrowthThrough(stack);
            GraphNode[] activations = [.. network.Skips.ActivationsIn(stack)];
            GraphNode[] saturating = [.. activations.Where(Saturates)];
            if (decades >= Math.Min(warning, advice) && saturating.Length * 2 > activations.Length)
            {
                yield return new SaturatingStack(stack, saturating, -decades, FindCodeToReplace(network, saturating), network.Model.Location, decades >= warning ? RuleLevel.Warning : RuleLevel.Advice);
            }
        }
    }

    public bool Overlaps(DeepStack other) => Layers.Intersect(other.Layers).Any();

    private static bool Saturates(GraphNode node) => node.Layer is ActivationLayer { Function: Tanh or Sigmoid or Softsign or Hardsigmoid };

    private static IReadOnlyList<SyntaxNode>? FindCodeToReplace(Network network, GraphNode[] activations)
    {
        GraphNode[] all = [.. network.Graph.Nodes.Where(Saturates)];
        if (network.Model.Layers.Values.Any(layer => layer.WeightInitializedAt is not null))
        {
            return null;
        }

        if (network.CreationsOf(activations) is { } creations)
        {
            // One module may serve twice, the second time at the output, where it has a meaning.
            return network.CreationsOf(all.Except(activations).Where(network.IsModule)) is { } others && !others.Intersect(creations).Any() ? creations : null;
        }

        return Array.Exists(all, network.IsModule) || CallsIn(network) is not { } calls || calls.Length != all.Length
            ? null
            : [.. calls.Where((_, index) => activations.Contains(all[index]))];
    }

    /// <summary>The calls of saturating functions in forward, in the order in which they are evaluated: the argument ends before its call does.</summary>
    private static InvocationExpressionSyntax[]? CallsIn(Network network) =>
        network.Model.Root is ClassModule { CreatedAt: TypeDeclarationSyntax type }
            ? [.. type.Members.OfType<MethodDeclarationSyntax>()
                .Where(method => method.Identifier.ValueText == "forward")
                .SelectMany(method => method.DescendantNodes().OfType<InvocationExpressionSyntax>())
                .Where(call => ((call.Expression as MemberAccessExpressionSyntax)?.Name ?? call.Expression as SimpleNameSyntax)?.Identifier.ValueText.TrimEnd('_')
                    is "tanh" or "sigmoid" or "softsign" or "hardsigmoid")
                .OrderBy(call => call.Span.End)]
            : null;
}
