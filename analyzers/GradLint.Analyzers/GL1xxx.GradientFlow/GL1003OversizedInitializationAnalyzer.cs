using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL1003: an initializer that is written out, and too large for the width of its layers.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL1003OversizedInitializationAnalyzer : GradientFlowAnalyzer
{
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.OversizedInitialization,
        RuleCategory.GradientFlow,
        RuleLevel.Warning,
        "Initialization too large for the width of the layer",
        "{0} makes the {1} signal about {2} times larger {3}; '{4}' keeps its size",
        "Weights drawn with too large a variance multiply the signal by the same factor in every layer, so that gradients explode in depth. "
        + "Initializers that know the width (He, Xavier) keep its size.");

    /// <summary>Creates the rule.</summary>
    public GL1003OversizedInitializationAnalyzer()
        : base(s_rule)
    {
    }

    private protected override void Analyze(NetworkModel model, AnalyzerConfigOptions options, Action<Diagnostic> report)
    {
        if (model.Gap is not null || model.Flow is not { } flow)
        {
            return;
        }

        // One call in a loop or helper initializes many layers: one cause, one diagnostic.
        IEnumerable<IGrouping<SyntaxNode, LayerFlow>> layersOfCall = flow.Layers
            .Where(layer => model.Layers.TryGetValue(layer.Name, out LayerModule? module) && module.WeightInitializedAt is not null)
            .GroupBy(layer => model.Layers[layer.Name].WeightInitializedAt!);
        foreach (IGrouping<SyntaxNode, LayerFlow> call in layersOfCall)
        {
            if (call.Key is InvocationExpressionSyntax invocation && Effect.Of(model, [.. call], RuleOptions.GL1003Decades.In(options)) is { } effect)
            {
                report(Describe(model, invocation, [.. call], effect));
            }
        }
    }

    private static Diagnostic Describe(NetworkModel model, InvocationExpressionSyntax call, IReadOnlyList<LayerFlow> layers, Effect effect)
    {
        Activation activation = FittingInitializerCall.ActivationAfter(model.Graph!, layers[0].Name);
        FittingInitializerCall fitting = FittingInitializerCall.For(activation);
        return s_rule.At(
            RuleLevel.Warning,
            LocationIn(model, call),
            fitting.ToProperties(),
            NameOf(call, ((WeightLayer)model.Graph![layers[0].Name].Layer).Weight),
            effect.Direction,
            Magnitude.OfDecades(effect.Decades),
            effect.Extent(WidthOf(model, layers)),
            fitting.Method);
    }

    /// <summary>
    /// The call, where it is in the file of the model. A helper elsewhere serves other models too, and the constructor of a class with parameters other
    /// instances: there the model is named.
    /// </summary>
    private static Location LocationIn(NetworkModel model, SyntaxNode call) =>
        call.SyntaxTree == model.Root.CreatedAt.SyntaxTree && model.Root.CreatedAt is not BaseObjectCreationExpressionSyntax ? call.GetLocation() : model.Location;

    private static string NameOf(InvocationExpressionSyntax call, Initializer initializer)
    {
        string method = (call.Expression as MemberAccessExpressionSyntax)?.Name.ToString() ?? call.Expression.ToString();
        bool isTensorMethod = call.Expression is MemberAccessExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "weight" } };
        string name = isTensorMethod ? $"'{call.Expression}'" : $"'{method}({call.ArgumentList.Arguments.FirstOrDefault()?.ToString() ?? ""})'";
        bool defaults = call.ArgumentList.Arguments.Count == (isTensorMethod ? 0 : 1);
        return (initializer, defaults) switch
        {
            (Normal { StandardDeviation: 1 }, true) => $"{name} with its default standard deviation 1",
            (Uniform { Low: 0, High: 1 }, true) => $"{name} with its default range from 0 to 1",
            (XavierUniform { Gain: not 1 and var gain }, _) => $"{name} with a gain of {gain:0.###}",
            (XavierNormal { Gain: not 1 and var gain }, _) => $"{name} with a gain of {gain:0.###}",
            (Normal normal, _) => $"{name} with standard deviation {normal.StandardDeviation:0.###}",
            (Uniform uniform, _) => $"{name} with the range from {uniform.Low:0.###} to {uniform.High:0.###}",
            _ => name,
        };
    }

    /// <summary>The common width of the layers; null where they differ.</summary>
    private static int? WidthOf(NetworkModel model, IEnumerable<LayerFlow> layers)
    {
        int?[] widths = [.. layers.Select(layer => (model.Graph![layer.Name].Layer as LinearLayer)?.OutFeatures).Distinct()];
        return widths.Length == 1 ? widths[0] : null;
    }

    /// <summary>What one initializer call does to the signal, over all the layers that it fills.</summary>
    private sealed record Effect(string Direction, double Decades, int LayerCount)
    {
        public static Effect? Of(NetworkModel model, IReadOnlyList<LayerFlow> layers, double decades)
        {
            // The first layer's weights lie before the signal that is measured, so it takes no part.
            LayerFlow[] passed = [.. layers.Where(layer => layer.BackwardGain != 0)];
            double backward = passed.Sum(layer => layer.BackwardGain);
            double share = passed.Sum(layer => layer.InitializationDecades);
            double repaired = layers.Sum(layer => ExcessOver(model, layer));
            if (Math.Min(backward, Math.Min(share, repaired)) >= decades)
            {
                return new Effect("backward", backward, passed.Length);
            }

            LayerFlow largest = layers.OrderByDescending(layer => Math.Max(layer.ForwardGain, layer.BackwardGain)).First();
            return largest.ForwardGain >= decades && repaired > 0 ? new Effect("forward", largest.ForwardGain, 1) : null;
        }

        /// <summary>Decades by which the weights are larger than those of the initializer that the fix writes: in a residual branch that is not what makes the signal grow.</summary>
        private static double ExcessOver(NetworkModel model, LayerFlow layer)
        {
            var weights = (WeightLayer)model.Graph![layer.Name].Layer;
            Fans fans = FansOf(weights);
            Initializer fitting = FittingInitializerCall.ActivationAfter(model.Graph, layer.Name).FittingInitializer;
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

        public string Extent(int? width)
        {
            string layer = width is { } units ? $"of width {units}" : "on average";
            return LayerCount == 1
                ? width is { } single ? $"in one layer of width {single}" : "in one layer"
                : $"on its way through {LayerCount} layers ({Magnitude.OfDecades(Decades / LayerCount)} times per layer {layer})";
        }
    }
}
