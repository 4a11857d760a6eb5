using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using GradLint.Modeling;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>The call of <c>torch.nn.init</c> that keeps the signal's size in front of an activation, as its code fix writes it.</summary>
/// <param name="Method">Such as <c>kaiming_normal_</c>.</param>
/// <param name="Slope">The slope of a leaky rectifier.</param>
/// <param name="Gain">The gain of a Xavier initializer where it is not 1.</param>
internal sealed record FittingInitializerCall(string Method, double? Slope, double? Gain)
{
    /// <summary>The keys under which a diagnostic hands the call to the code fix.</summary>
    public const string MethodKey = "init";
    public const string SlopeKey = "a";
    public const string GainKey = "gain";

    /// <summary>The key under which a code fix finds the types of all layers to initialize, separated by commas.</summary>
    public const string LayerTypesKey = "layers";

    public static FittingInitializerCall For(Activation activation) => activation.FittingInitializer switch
    {
        KaimingNormal { Slope: 0 } => new FittingInitializerCall("kaiming_normal_", null, null),
        KaimingNormal { Slope: < 1 } leaky => new FittingInitializerCall("kaiming_normal_", leaky.Slope, null),
        XavierNormal { Gain: var gain } when Math.Abs(gain - 1) > 0.05 => new FittingInitializerCall("xavier_uniform_", null, Math.Round(gain, 2)),
        _ => new FittingInitializerCall("xavier_uniform_", null, null),
    };

    /// <summary>The activation that a layer's output goes into; the identity where there is none before the next layer with weights.</summary>
    public static Activation ActivationAfter(NetworkGraph graph, string node)
    {
        string? current = node;
        while (graph.Nodes.FirstOrDefault(candidate => candidate.Inputs.Contains(current)) is { Layer: not WeightLayer } next)
        {
            if (next.Layer is ActivationLayer activation)
            {
                return activation.Function;
            }

            current = next.Name;
        }

        return Activation.Identity;
    }

    public ImmutableDictionary<string, string?> ToProperties() =>
        ImmutableDictionary<string, string?>.Empty
            .Add(MethodKey, Method)
            .Add(SlopeKey, Slope?.ToString(CultureInfo.InvariantCulture))
            .Add(GainKey, Gain?.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same, with the types of all layers of a network.</summary>
    public ImmutableDictionary<string, string?> ToPropertiesFor(NetworkModel model) => ToProperties().Add(
        LayerTypesKey,
        string.Join(",", model.Layers.Values.Where(module => module.Layer is WeightLayer).Select(module => module.Type?.Name).OfType<string>().Distinct()));
}
