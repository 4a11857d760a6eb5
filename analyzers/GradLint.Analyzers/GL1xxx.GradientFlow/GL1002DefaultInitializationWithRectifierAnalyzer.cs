using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1002: a deep stack of rectifiers left at TorchSharp's default initialization, which makes gradients vanish.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1002DefaultInitializationWithRectifierAnalyzer : GradientFlowAnalyzer
{
    /// <summary>The key under which the code fix finds the types of the layers to initialize, separated by commas.</summary>
    internal const string LayerTypesKey = "layers";

    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.DefaultInitializationWithRectifier,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Deep rectifier network at the default initialization",
        "'{0}' leaves {1} layers with {2} at TorchSharp's default initialization, which makes the backward signal about {3} times smaller on its way "
        + "from the last layer to the first ({4} times per layer); '{5}' keeps its size",
        "TorchSharp initializes Linear layers with a variance of 1/(3 fan_in), a sixth of what a rectifier needs to hand the signal on at its size "
        + "(He et al. 2015). In a deep stack without normalization the gradient of the first layers vanishes.");

    /// <summary>Creates the rule.</summary>
    public GL1002DefaultInitializationWithRectifierAnalyzer()
        : base(s_rule)
    {
    }

    private protected override void Analyze(NetworkModel model, AnalyzerConfigOptions options, Action<Diagnostic> report)
    {
        double warning = RuleOptions.GL1002Decades.In(options);
        if (model.Growth is not { } growth || -growth < Math.Min(warning, RuleOptions.GL1002AdviceDecades.In(options)) || model.IsNormalized || !IsRectifierStackAtDefaults(model))
        {
            return;
        }

        int layers = model.WeightLayerCount;
        Activation activation = model.Graph!.Nodes.Select(node => node.Layer).OfType<ActivationLayer>().First().Function;
        FittingInitializerCall fitting = FittingInitializerCall.For(activation);
        report(s_rule.At(
            -growth >= warning ? RuleLevel.Warning : RuleLevel.Advice,
            model.Location,
            fitting.ToProperties().Add(LayerTypesKey, string.Join(",", LayerTypes(model))),
            model.Name,
            layers,
            activation.Name,
            Magnitude.OfDecades(growth),
            Magnitude.OfFactor(growth / (layers - 1)),
            fitting.Method));
    }

    private static IEnumerable<string> LayerTypes(NetworkModel model) =>
        model.Layers.Values.Where(module => module.Layer is WeightLayer).Select(module => module.Type?.Name).OfType<string>().Distinct();

    private static bool IsRectifierStackAtDefaults(NetworkModel model)
    {
        Layer[] layers = [.. model.Graph!.Nodes.Select(node => node.Layer)];
        return layers.OfType<WeightLayer>().All(layer => layer.Weight == LinearLayer.DefaultWeight)
            && layers.OfType<ActivationLayer>().Any()
            && layers.OfType<ActivationLayer>().All(layer => layer.Function is ReLU or LeakyReLU or ELU or SiLU or GELU);
    }
}
