using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>What an initializer that draws too large weights does to the signal, over all the layers that it fills.</summary>
internal sealed record OversizedInitialization(InitializerCall Call, string Direction, double Decades, int LayerCount)
    : FlowFinding(Call.Location, RuleLevel.Warning)
{
    public static OversizedInitialization? Find(InitializerCall call, double decades)
    {
        // The first layer's weights lie before the signal that is measured, so it takes no part.
        LayerFlow[] passed = [.. call.Layers.Where(layer => layer.BackwardGain != 0)];
        double backward = passed.Sum(layer => layer.BackwardGain);
        double share = passed.Sum(layer => layer.InitializationDecades);
        double repaired = call.Layers.Sum(layer => ExcessOver(call.Model, layer));
        if (Math.Min(backward, Math.Min(share, repaired)) >= decades && backward - BackwardOf(call, passed) >= decades)
        {
            return new OversizedInitialization(call, "backward", backward, passed.Length);
        }

        LayerFlow largest = call.Layers.OrderByDescending(layer => Math.Max(layer.ForwardGain, layer.BackwardGain)).First();
        return largest.ForwardGain >= decades && repaired > 0 ? new OversizedInitialization(call, "forward", largest.ForwardGain, 1) : null;
    }

    /// <summary>What fitting weights would leave of the growth: behind a norm it is not the weights that make the signal grow.</summary>
    private static double BackwardOf(InitializerCall call, LayerFlow[] layers)
    {
        var names = new HashSet<string>(layers.Select(layer => layer.Name));
        return call.Model.Predict(call.Repair(call.Model.Graph!)).Layers.Where(layer => names.Contains(layer.Name)).Sum(layer => layer.BackwardGain);
    }

    /// <summary>Through how many layers, and how fast.</summary>
    public string Extent
    {
        get
        {
            string layer = Width is { } units ? $"of width {units}" : "on average";
            return LayerCount == 1
                ? Width is { } single ? $"in one layer of width {single}" : "in one layer"
                : $"on its way through {LayerCount} layers ({Magnitude.PerLayer(Decades / LayerCount)} times per layer {layer})";
        }
    }

    /// <summary>The common width of the layers; null where they differ.</summary>
    private int? Width => Call.Layers.Select(layer => (Call.Model.Graph![layer.Name].Layer as LinearLayer)?.OutFeatures).Distinct().ToArray() is [{ } width] ? width : null;

    /// <summary>
    /// Decades by which the weights are larger than those of the initializer that the fix writes: in a residual branch that is not what makes the signal grow.
    /// A slope above 1 is to be repaired first (GL1005), so the weights are held against the usual one.
    /// </summary>
    private static double ExcessOver(NetworkModel model, LayerFlow layer)
    {
        var weights = (WeightLayer)model.Graph![layer.Name].Layer;
        Fans fans = FansOf(weights);
        Initializer fitting = NegativeSlope.Repaired(FittingInitializerCall.ActivationAfter(model.Graph, layer.Name), above: 1).FittingInitializer;
        double mean = weights.Weight.Mean(fans);
        return 0.5 * Math.Log10((weights.Weight.Variance(fans) + (mean * mean * fans.In)) / fitting.Variance(fans));
    }

    private static Fans FansOf(WeightLayer layer)
    {
        (int? inputs, int? outputs, double taps) = layer switch
        {
            LinearLayer linear => (linear.InFeatures, linear.OutFeatures, 1),
            ConvolutionBase convolution => (convolution.InChannels / convolution.Groups, convolution.OutChannels / convolution.Groups, convolution.Kernel.Aggregate(1.0, (product, size) => product * size)),
            _ => (null, null, 1.0),
        };
        double known = inputs ?? outputs ?? new PropagationOptions().AssumedWidth;
        return new Fans((inputs ?? known) * taps, (outputs ?? known) * taps);
    }
}
