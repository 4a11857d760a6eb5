using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Rules;

/// <summary>A network as the rules about its structure judge it: with the calls repaired that have a diagnostic of their own.</summary>
internal sealed class Network(NetworkModel model, NetworkGraph graph, GradientFlow flow, SkipStructure skips)
{
    private readonly Dictionary<string, LayerFlow> _layers = flow.Layers.ToDictionary(layer => layer.Name);
    private readonly Dictionary<string, LayerFlow> _layersNow = model.Flow!.Layers.ToDictionary(layer => layer.Name);

    public NetworkModel Model { get; } = model;

    public NetworkGraph Graph { get; } = graph;

    public GradientFlow Flow { get; } = flow;

    public SkipStructure Skips { get; } = skips;

    /// <summary>The growth, where it has the same direction as in the code as it stands; 0 where it has not.</summary>
    public double Growth => Flow.Growth is { } growth && Model.Growth is { } now && Math.Sign(growth) == Math.Sign(now) ? growth : 0;

    /// <summary>
    /// Decades by which the backward signal grows from the last layer of a stack to its first, repaired or as the code stands, whichever is less;
    /// 0 where that is not known, or where the two differ in direction.
    /// </summary>
    public double GrowthThrough(IReadOnlyList<GraphNode> stack)
    {
        double growth = GrowthThrough(_layers, stack);
        double now = GrowthThrough(_layersNow, stack);
        return Math.Sign(growth) != Math.Sign(now) ? 0 : Math.Abs(now) < Math.Abs(growth) ? now : growth;
    }

    /// <summary>Whether the weights of a layer are initialized so that it alone takes a decade off the backward signal.</summary>
    public bool IsDrawnSmall(GraphNode layer) => Model.Layers.TryGetValue(layer.Name, out LayerModule? module) && module.WeightInitializedAt is not null
        && _layersNow.TryGetValue(layer.Name, out LayerFlow? flow) && flow.BackwardGain <= -1;

    /// <summary>The code that creates each of the layers; null where one of them has none.</summary>
    public IReadOnlyList<SyntaxNode>? CreationsOf(IEnumerable<GraphNode> layers)
    {
        LayerModule?[] modules = [.. layers.Select(layer => Model.Layers.TryGetValue(layer.Name, out LayerModule? module) ? module : null)];
        return Array.Exists(modules, module => module is null) ? null : [.. modules.Select(module => module!.CreatedAt).Distinct()];
    }

    /// <summary>Whether the node is a module that the code creates, not the call of a function.</summary>
    public bool IsModule(GraphNode node) => Model.Layers.ContainsKey(node.Name);

    /// <summary>The place of the code, where it is this network's own; else that of the network.</summary>
    public Location LocationOf(SyntaxNode? code) => code is not null && Model.Owns(code) ? code.GetLocation() : Model.Location;

    private static double GrowthThrough(Dictionary<string, LayerFlow> layers, IReadOnlyList<GraphNode> stack) =>
        layers.TryGetValue(stack[0].Name, out LayerFlow? first) && layers.TryGetValue(stack[stack.Count - 1].Name, out LayerFlow? last)
        && first.Log10SignalNorm - last.Log10SignalNorm is var growth && !double.IsNaN(growth) && !double.IsInfinity(growth)
            ? growth
            : 0;
}
