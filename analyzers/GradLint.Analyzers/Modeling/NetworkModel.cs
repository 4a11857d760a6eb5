using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Modeling;

/// <summary>One network that the code builds: its graph, what can be predicted of it, and where in the code its parts are.</summary>
internal sealed class NetworkModel
{
    private static readonly HashSet<string> s_recurrent = new(StringComparer.Ordinal) { "RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell" };

    private static readonly HashSet<string> s_attention = new(StringComparer.Ordinal)
    {
        "MultiheadAttention", "Transformer", "TransformerEncoder", "TransformerEncoderLayer", "TransformerDecoder", "TransformerDecoderLayer",
    };

    private static readonly HashSet<string> s_normalization = new(StringComparer.Ordinal)
    {
        "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d", "RMSNorm",
    };

    private readonly HashSet<string> _moduleTypes;
    private readonly Lazy<GradientFlow?> _flow;

    private NetworkModel(string name, ModuleValue root, NetworkGraph? graph, GraphRecorder recorder, Loss loss, string? gap, bool hidesLayers = false)
    {
        Name = name;
        Root = root;
        Graph = graph;
        Layers = recorder.Layers;
        Assumptions = recorder.Assumptions;
        Gap = gap;
        _moduleTypes = [.. root.SelfAndDescendants().SelectMany(TypesIn).Select(type => type.Name)];
        HasAttention = recorder.Attends || HasModule(s_attention);
        Loss = loss;
        HidesLayers = hidesLayers;
        _flow = new Lazy<GradientFlow?>(() => graph is null || hidesLayers ? null : Predict(graph));
    }

    /// <summary>The class, or what holds the module: a variable, field or method.</summary>
    public string Name { get; }

    public ModuleValue Root { get; }

    /// <summary>Where to report on the network as a whole: the name of its class, or the name of the factory that creates it.</summary>
    public Location Location => Root.CreatedAt switch
    {
        TypeDeclarationSyntax type => type.Identifier.GetLocation(),
        InvocationExpressionSyntax call => call.Expression.GetLocation(),
        var other => other.GetLocation(),
    };

    /// <summary>Null where <c>forward</c> could not be followed to its end.</summary>
    public NetworkGraph? Graph { get; }

    /// <summary>The layer in the code behind each node of the graph that has one.</summary>
    public IReadOnlyDictionary<string, LayerModule> Layers { get; }

    /// <summary>What was taken for granted in reading it, besides what the prediction takes for granted.</summary>
    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>Why the graph is not the whole network; null where it is.</summary>
    public string? Gap { get; }

    /// <summary>The loss that the output tells of: cross-entropy after a softmax.</summary>
    public Loss Loss { get; }

    /// <summary>
    /// Whether what is not understood may have weights of its own. The propagation takes an unknown that comes before all weights for the input; with layers in
    /// it, the growth of the rest would not be that of the network.
    /// </summary>
    public bool HidesLayers { get; }

    /// <summary>What can be predicted; null where there is no graph, or layers may be missing in it.</summary>
    public GradientFlow? Flow => _flow.Value;

    /// <summary>Decades by which the gradient grows from the last weight layer to the first; null where that cannot be told.</summary>
    public double? Growth => Gap is null ? Flow?.Growth : null;

    /// <summary>The prediction for this network with another graph, such as after a repair.</summary>
    public GradientFlow Predict(NetworkGraph graph) => SignalPropagator.Propagate(graph, new PropagationOptions { Loss = Loss });

    public bool IsRecurrent => HasModule(s_recurrent);

    public bool HasAttention { get; }

    public bool IsNormalized => HasModule(s_normalization);

    public bool HasSkips => Graph?.Nodes.Any(node => node.Layer is AddLayer && node.Inputs.Count > 1) == true;

    public int WeightLayerCount => Graph?.Nodes.Count(node => node.Layer is WeightLayer) ?? 0;

    /// <summary>Whether the graph is the whole network, and all of it is understood.</summary>
    public bool IsWhole => Gap is null && Graph is not null && !Graph.Nodes.Any(node => node.Layer is OpaqueLayer);

    /// <summary>Whether the widths of all its layers are written down.</summary>
    public bool KnowsWidths => Graph?.Nodes.All(node => node.Layer switch
    {
        LinearLayer layer => layer.InFeatures is not null && layer.OutFeatures is not null,
        ConvolutionBase layer => layer.InChannels is not null && layer.OutChannels is not null,
        RecurrentLayer layer => layer.InputSize is not null && layer.HiddenSize is not null,
        MultiheadAttentionLayer layer => layer.EmbedDimension is not null,
        EmbeddingLayer layer => layer.Dimension is not null,
        _ => true,
    }) == true;

    public static NetworkModel Create(string name, ModuleValue root, Interpreter interpreter, CancellationToken cancellation)
    {
        (GraphRecorder recorder, Value result) = Record(root, interpreter, cancellation);
        Value output = FirstTensor(result) ?? result;
        if (output != result)
        {
            recorder.Assume("the loss reads the first of the results of 'forward'");
        }

        if (output is not TensorValue { Node: var last })
        {
            string reason = (output as UnknownValue)?.Reason ?? "forward does not return a tensor of the network";
            return new NetworkModel(name, root, null, recorder, Loss.MeanSquaredError, interpreter.LimitHit ?? reason);
        }

        Dictionary<string, GraphNode> nodes = recorder.Nodes.ToDictionary(node => node.Name);
        Loss loss = Loss.MeanSquaredError;
        while (nodes[last].Layer is ActivationLayer { Function: Softmax or LogSoftmax })
        {
            // Part of the loss: cross-entropy is taken on what goes into it.
            last = nodes[last].Inputs[0];
            loss = Loss.CrossEntropy;
        }

        try
        {
            var graph = new NetworkGraph(InputShapes.In([.. Reaching(last, nodes)], recorder), last);
            bool hides = graph.Nodes.Any(node => node.Layer is OpaqueLayer) && HiddenLayers.MayBeIn(root, graph.Nodes.Select(node => node.Name).Where(recorder.Layers.ContainsKey).Select(name => recorder.Layers[name]), interpreter.TorchSharp);
            return new NetworkModel(name, root, graph, recorder, loss, interpreter.LimitHit, hides);
        }
        catch (NetworkGraphException error)
        {
            // Sizes that no network can have: TorchSharp will say so when it runs.
            return new NetworkModel(name, root, null, recorder, loss, error.Message);
        }
    }

    /// <summary>Of several results; null where there is only one, or no tensor among them.</summary>
    private static TensorValue? FirstTensor(Value result) => result switch
    {
        TupleValue tuple => tuple.Items.Select(item => item as TensorValue ?? FirstTensor(item)).FirstOrDefault(tensor => tensor is not null),
        ObjectValue { InstanceType.IsRecord: true } record => FirstTensor(new TupleValue([.. record.ConstructorArguments.Values])),
        _ => null,
    };

    private static (GraphRecorder Recorder, Value Output) Record(ModuleValue root, Interpreter interpreter, CancellationToken cancellation)
    {
        try
        {
            return interpreter.Record(root, cancellation);
        }
        catch (InsufficientExecutionStackException)
        {
            return (new GraphRecorder(root), new UnknownValue("its expressions are nested too deeply"));
        }
    }

    /// <summary>
    /// The nodes that the output depends on, in the order in which they were recorded. Of the uses of a layer the first that is left owns the weights.
    /// </summary>
    private static IEnumerable<GraphNode> Reaching(string output, Dictionary<string, GraphNode> nodes)
    {
        var reaching = new HashSet<string>();
        var open = new Stack<string>([output]);
        while (open.Count > 0)
        {
            string node = open.Pop();
            if (reaching.Add(node))
            {
                foreach (string input in nodes[node].Inputs)
                {
                    open.Push(input);
                }
            }
        }

        var owners = new Dictionary<string, string>();
        foreach (GraphNode node in nodes.Values.Where(node => reaching.Contains(node.Name)))
        {
            string? owner = node.SharesWeightsWith;
            if (owner is null || reaching.Contains(owner))
            {
                yield return node;
            }
            else if (owners.TryGetValue(owner, out string? left))
            {
                yield return node with { SharesWeightsWith = left };
            }
            else
            {
                owners.Add(owner, node.Name);
                yield return node with { SharesWeightsWith = null };
            }
        }
    }

    private bool HasModule(HashSet<string> names) => _moduleTypes.Overlaps(names);

    /// <summary>The module's own type, and those that its fields are declared with: they tell what is in them even where nobody knows how it got there.</summary>
    private static IEnumerable<ITypeSymbol> TypesIn(ModuleValue module)
    {
        if (module.Type is null)
        {
            return [];
        }

        return module is ClassModule ? module.Type.GetMembers().OfType<IFieldSymbol>().Select(field => field.Type).Prepend(module.Type) : [module.Type];
    }
}
