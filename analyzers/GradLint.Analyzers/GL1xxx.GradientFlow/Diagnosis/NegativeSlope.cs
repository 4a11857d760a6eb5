using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>The slope of a leaky rectifier for negative inputs.</summary>
internal static class NegativeSlope
{
    /// <summary>What most networks use, and the default.</summary>
    public const double Usual = 0.01;

    /// <summary>The activation with the usual slope, where its own is above the bound.</summary>
    public static Activation Repaired(Activation activation, double above) => activation switch
    {
        LeakyReLU leaky when leaky.NegativeSlope > above => new LeakyReLU(Usual),
        PReLU learned when learned.Init > above => new PReLU(Usual),
        _ => activation,
    };

    /// <summary>The network with the usual slope wherever its own is above the bound; the same network where none is.</summary>
    public static NetworkGraph Repair(NetworkGraph graph, double above) =>
        graph.Nodes.All(node => node.Layer is not ActivationLayer { Function: var function } || Repaired(function, above) == function)
            ? graph
            : graph.Replacing(node => node.Layer is ActivationLayer activation ? new ActivationLayer(Repaired(activation.Function, above)) : node.Layer);
}
