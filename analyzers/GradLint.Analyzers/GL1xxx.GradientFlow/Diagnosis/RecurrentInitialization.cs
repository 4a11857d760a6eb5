using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>An initializer with which the gradient of a recurrent layer grows on its way back through time.</summary>
/// <param name="Call">The call, with the recurrent layers that it fills.</param>
/// <param name="Layer">The layer where the gradient grows most.</param>
/// <param name="Decades">log10 of the gradient at the first time step over that at the last.</param>
/// <param name="Steps">Through how many time steps.</param>
internal sealed record RecurrentInitialization(InitializerCall Call, string Layer, double Decades, int Steps) : FlowFinding(Call.Location, RuleLevel.Warning)
{
    /// <summary>Where the gates of a GRU saturate, the prediction is up to so many times the decades that are measured.</summary>
    private const double ExcessOfGatedUnit = 1.5;

    /// <summary>One for each call that makes the gradient grow by so many decades through so many time steps.</summary>
    public static IEnumerable<RecurrentInitialization> FindAll(NetworkModel model, int steps, double decades)
    {
        foreach (InitializerCall call in InitializerCall.InRecurrent(model))
        {
            RecurrentInitialization? largest = call.Layers
                .Select(layer => Through(steps, call, layer.Name, (RecurrentLayer)model.Graph![layer.Name].Layer))
                .OfType<RecurrentInitialization>()
                .OrderByDescending(finding => finding.Decades)
                .FirstOrDefault();
            if (largest?.Decades >= decades)
            {
                yield return largest;
            }
        }
    }

    /// <summary>Whether the same call draws the biases too, which have one axis: an orthogonal matrix has two.</summary>
    public bool FillsBiases => Call.Layers.Any(layer => ((RecurrentLayer)Call.Model.Graph![layer.Name].Layer).Bias == Call.Initializer);

    /// <summary>The network with its recurrent weights orthogonal.</summary>
    public NetworkGraph Repair(NetworkGraph graph)
    {
        var filled = new HashSet<string>(Call.Layers.Select(layer => layer.Name));
        return graph.Replacing(node => filled.Contains(node.Name) && node.Layer is RecurrentLayer layer ? layer with { Weight = new Orthogonal() } : node.Layer);
    }

    /// <summary>
    /// With more steps than units two networks drawn from the same distribution differ by decades, so the gradient must grow within as many steps as there are
    /// units. What goes in has variance 1, and the loss is at the last step.
    /// </summary>
    private static RecurrentInitialization? Through(int steps, InitializerCall call, string name, RecurrentLayer layer)
    {
        if (layer is not { HiddenSize: { } units and > 1, Weight: not UnknownInitializer, InputWeight: not UnknownInitializer, Bias: not UnknownInitializer })
        {
            return null;
        }

        int within = Math.Min(steps, units);
        var graph = new NetworkGraph(
            [
                new GraphNode("x", new InputLayer([within, layer.InputSize ?? units]), []),
                new GraphNode(name, layer, ["x"]),
                new GraphNode("last", new SelectLayer(), [name]),
            ],
            "last");
        return SignalPropagator.Propagate(graph).Layers is [{ GrowthThroughTime: { } decades }] && !double.IsNaN(decades) && !double.IsInfinity(decades)
            ? new RecurrentInitialization(call, name, layer is GRULayer ? decades / ExcessOfGatedUnit : decades, within)
            : null;
    }
}
