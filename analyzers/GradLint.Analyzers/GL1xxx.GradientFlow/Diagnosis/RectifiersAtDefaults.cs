using System;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Rules;

/// <summary>A network of rectifiers at TorchSharp's default weights, without norms, in which the gradient vanishes.</summary>
internal sealed record RectifiersAtDefaults(Activation Activation, double Growth, Location Location, RuleLevel Level) : FlowFinding(Location, Level)
{
    public static RectifiersAtDefaults? Find(Network network, double warning, double advice)
    {
        Layer[] layers = [.. network.Graph.Nodes.Select(node => node.Layer)];
        Activation[] activations = [.. layers.OfType<ActivationLayer>().Select(layer => layer.Function)];
        return -network.Growth >= Math.Min(warning, advice)
            && !network.Model.IsNormalized
            && layers.OfType<WeightLayer>().All(layer => layer.Weight == LinearLayer.DefaultWeight)
            && activations.Length > 0
            && Array.TrueForAll(activations, function => function is ReLU or LeakyReLU or ELU or SiLU or GELU)
                ? new RectifiersAtDefaults(activations[0], network.Growth, network.Model.Location, -network.Growth >= warning ? RuleLevel.Warning : RuleLevel.Advice)
                : null;
    }
}
