using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Rules;

/// <summary>
/// A call that fills weights, with the layers that it fills: in a loop or helper one call initializes many. Layers in front of a norm are left out, since it takes
/// the size of their weights out again: none is too large for the signal, or too small.
/// </summary>
internal sealed record InitializerCall(NetworkModel Model, InvocationExpressionSyntax Call, IReadOnlyList<LayerFlow> Layers)
{
    /// <summary>All the calls that last initialized the weights of some layer that is not recurrent.</summary>
    public static IEnumerable<InitializerCall> In(NetworkModel model, GradientFlow flow) =>
        By(model, flow.Layers.Where(layer => layer.GrowthThroughTime is null && !IsNormalized(model.Graph!, layer.Name)));

    /// <summary>All the calls that last initialized the recurrent weights of some layer.</summary>
    public static IEnumerable<InitializerCall> InRecurrent(NetworkModel model) =>
        By(model, model.Graph!.Nodes.Where(node => node.Layer is RecurrentLayer).Select(node => new LayerFlow(node.Name, node.Layer.Kind)));

    private static IEnumerable<InitializerCall> By(NetworkModel model, IEnumerable<LayerFlow> layers) => layers
        .Where(layer => model.Layers.TryGetValue(layer.Name, out LayerModule? module) && module.WeightInitializedAt is not null)
        .GroupBy(layer => model.Layers[layer.Name].WeightInitializedAt!)
        .Where(call => call.Key is InvocationExpressionSyntax)
        .Select(call => new InitializerCall(model, (InvocationExpressionSyntax)call.Key, [.. call]));

    private static bool IsNormalized(NetworkGraph graph, string node)
    {
        GraphNode[] readers = [.. graph.Nodes.Where(reader => reader.Inputs.Contains(node))];
        return readers.Length > 0 && readers.All(reader => reader.Layer is NormalizationLayer || (IsProportional(reader.Layer) && IsNormalized(graph, reader.Name)));
    }

    /// <summary>Whether a layer hands on twice as much where it is given twice as much.</summary>
    private static bool IsProportional(Layer layer) => layer
        is DropoutLayer or FlattenLayer or ScaleLayer or PoolingLayer
        or ActivationLayer { Function: ReLU or LeakyReLU or PReLU or RReLU or Identity };

    public Initializer Initializer => ((WeightLayer)Model.Graph![Layers[0].Name].Layer).Weight;

    /// <summary>The activation that the layers' outputs go into.</summary>
    public Activation Activation => FittingInitializerCall.ActivationAfter(Model.Graph!, Layers[0].Name);

    public FittingInitializerCall Fitting => FittingInitializerCall.For(Activation);

    /// <summary>
    /// The call, where it stands in the code of this network alone. A helper elsewhere serves other models too, and the constructor of a class with
    /// parameters other instances: there the model is named.
    /// </summary>
    public Location Location => Model.Owns(Call) ? Call.GetLocation() : Model.Location;

    /// <summary>The network with its layers initialized as their activations want it.</summary>
    public NetworkGraph Repair(NetworkGraph graph)
    {
        var filled = new HashSet<string>(Layers.Select(layer => layer.Name));
        return graph.Replacing(node => filled.Contains(node.Name) && node.Layer is WeightLayer layer
            ? layer with { Weight = FittingInitializerCall.ActivationAfter(graph, node.Name).FittingInitializer }
            : node.Layer);
    }

    /// <summary>The call with what matters of its arguments, as a message names it.</summary>
    public string Name
    {
        get
        {
            string method = (Call.Expression as MemberAccessExpressionSyntax)?.Name.ToString() ?? Call.Expression.ToString();
            string name = IsOnWeight ? $"'{Call.Expression}'" : $"'{method}({Call.ArgumentList.Arguments.FirstOrDefault()?.ToString() ?? ""})'";
            bool defaults = Call.ArgumentList.Arguments.Count == (IsOnWeight ? 0 : 1);
            return (Initializer, defaults) switch
            {
                (Normal { StandardDeviation: 1 }, true) => $"{name} with its default standard deviation 1",
                (Uniform { Low: 0, High: 1 }, true) => $"{name} with its default range from 0 to 1",
                (XavierUniform { Gain: not 1 and var gain }, _) => $"{name} with a gain of {gain:0.###}",
                (XavierNormal { Gain: not 1 and var gain }, _) => $"{name} with a gain of {gain:0.###}",
                (KaimingUniform { Slope: not 0 and var slope }, _) => $"{name} with a slope of {slope:0.###}",
                (KaimingNormal { Slope: not 0 and var slope }, _) => $"{name} with a slope of {slope:0.###}",
                (Normal normal, _) => $"{name} with standard deviation {normal.StandardDeviation:0.###}",
                (Uniform uniform, _) => $"{name} with the range from {uniform.Low:0.###} to {uniform.High:0.###}",
                _ => name,
            };
        }
    }

    /// <summary><c>fc.weight.normal_(0, 1)</c> has the weight in front, not in the arguments.</summary>
    private bool IsOnWeight => (Call.Expression as MemberAccessExpressionSyntax)?.Expression switch
    {
        MemberAccessExpressionSyntax { Name.Identifier.ValueText: "weight" } => true,
        PostfixUnaryExpressionSyntax => true,
        IdentifierNameSyntax { Identifier.ValueText: var receiver } => receiver != "init" && !FileNames.Of(Call.SyntaxTree, default).Aliases.Contains(receiver),
        _ => false,
    };
}
