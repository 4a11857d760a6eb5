using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Rules;

/// <summary>A long run of layers, normalized or not, with no skip connection around them.</summary>
internal sealed record SkiplessStack(IReadOnlyList<GraphNode> Layers, Location Location) : FlowFinding(Location, RuleLevel.Advice)
{
    public static SkiplessStack? Find(Network network, int layers) =>
        network.Skips.Stacks(acrossNormalization: true).OrderByDescending(stack => stack.Count).FirstOrDefault() is { } longest && longest.Count >= layers
            ? new SkiplessStack(longest, network.Model.Location)
            : null;
}
