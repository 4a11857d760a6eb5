using System.Collections.Generic;

namespace GradLint.SignalPropagation;

/// <summary>A layer in its place in the network.</summary>
/// <param name="Name">The node's identity, unique in its graph: letters, digits and the marks _ . [ ] : /.</param>
/// <param name="Layer">What the node does.</param>
/// <param name="Inputs">The names of the nodes whose outputs it reads, in order.</param>
public sealed record GraphNode(string Name, Layer Layer, IReadOnlyList<string> Inputs)
{
    /// <summary>The node whose weights this one uses, where a layer is used more than once; null where it has its own.</summary>
    public string? SharesWeightsWith { get; init; }
}
