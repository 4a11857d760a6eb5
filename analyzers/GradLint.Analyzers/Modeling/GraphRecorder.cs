using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>Writes down the network while <c>forward</c> is interpreted: a node for each layer that a tensor goes through.</summary>
internal sealed class GraphRecorder(ModuleValue root)
{
    private readonly List<GraphNode> _nodes = [];
    private readonly Dictionary<string, GraphNode> _byName = [];
    private readonly Dictionary<string, int> _places = [];
    private readonly Dictionary<string, int> _uses = [];
    private readonly Dictionary<LayerModule, string> _firstUses = [];
    private readonly Dictionary<string, LayerModule> _layers = [];
    private readonly HashSet<string> _matrixProducts = [];
    private readonly List<string> _assumptions = [];

    /// <summary>What was taken for granted where the code says nothing.</summary>
    public IReadOnlyList<string> Assumptions => _assumptions;

    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>The layer in the code behind each node; nodes of functional calls have none.</summary>
    public IReadOnlyDictionary<string, LayerModule> Layers => _layers;

    /// <summary>Whether the softmax of a product of two tensors was taken: attention, written by hand.</summary>
    public bool Attends { get; private set; }

    /// <summary>Whether no gradient is recorded, as inside <c>torch.no_grad()</c>.</summary>
    public bool IsGradientOff { get; set; }

    /// <summary>A layer that is called 'input' keeps its name.</summary>
    public TensorValue AddInput() => AddNode(root.SelfAndDescendants().Any(module => module != root && module.PathFrom(root) == "input") ? "inputs" : "input", new InputLayer(), layout: null, sharesWeightsWith: null);

    /// <summary>Whether the node is an input of the network: how its axes are arranged does not matter, as its elements are independent.</summary>
    public bool IsInput(string node) => _byName[node].Layer is InputLayer;

    public Layer LayerOf(string node) => _byName[node].Layer;

    public IReadOnlyList<string> InputsOf(string node) => _byName[node].Inputs;

    /// <summary>
    /// Whether weights lie between what two nodes have in common and one of them: back from both at once to the layers with weights, whose outputs count. The latest
    /// node comes first, as what two factors share is mostly near.
    /// </summary>
    public bool AreIndependent(string a, string b)
    {
        var open = new SortedSet<(int Place, bool IsBeforeB)> { (_places[a], false), (_places[b], true) };
        while (open.Count > 0)
        {
            (int Place, bool IsBeforeB) next = open.Max;
            open.Remove(next);
            if (open.Contains((next.Place, !next.IsBeforeB)))
            {
                return false;
            }

            if (_nodes[next.Place].Layer is not (WeightLayer or CompositeLayer))
            {
                open.UnionWith(_nodes[next.Place].Inputs.Select(input => (_places[input], next.IsBeforeB)));
            }
        }

        return true;
    }

    public TensorValue Add(string name, Layer layer, TensorLayout? layout, params TensorValue[] inputs) =>
        WithoutGradient(AddNode(name, layer, layout, sharesWeightsWith: null, inputs));

    /// <summary>The same values, behind which there is no gradient.</summary>
    public TensorValue Detach(TensorValue tensor) => AddNode("detach", new DetachLayer(), tensor.Layout, sharesWeightsWith: null, tensor);

    /// <summary>Adds the use of a layer; when it is not the first, the weights are shared with that.</summary>
    public TensorValue Add(LayerModule module, TensorLayout? layout, params TensorValue[] inputs)
    {
        string name = module.PathFrom(root) ?? DefaultName(module.Layer);
        bool used = _firstUses.TryGetValue(module, out string? firstUse);
        TensorValue output = AddNode(name, module.Layer, layout, used && module.Layer is WeightLayer ? firstUse : null, inputs);
        if (!used)
        {
            _firstUses.Add(module, output.Node);
        }

        _layers[output.Node] = module;
        if (module.Assumption is { } assumption)
        {
            Assume(assumption);
        }

        return WithoutGradient(output);
    }

    public void Assume(string assumption)
    {
        if (!_assumptions.Contains(assumption))
        {
            _assumptions.Add(assumption);
        }
    }

    public TensorValue AddOpaque(string reason, SyntaxNode where, params TensorValue[] inputs) =>
        Add($"opaque:{where.GetLocation().GetLineSpan().StartLinePosition.Line + 1}", new OpaqueLayer(reason), layout: null, inputs);

    public TensorValue AddMatrixProduct(SyntaxNode where, params TensorValue[] factors)
    {
        TensorValue product = AddOpaque("the product of two tensors is not modelled", where, factors);
        _matrixProducts.Add(product.Node);
        return product;
    }

    /// <summary>Looks back over scaling, masking and the like, but not over layers with weights.</summary>
    private bool ComesFromMatrixProduct(string node)
    {
        GraphNode? current = _byName[node];
        while (current is { Layer: not WeightLayer })
        {
            if (_matrixProducts.Contains(current.Name))
            {
                return true;
            }

            current = current.Inputs.Count == 0 ? null : _byName[current.Inputs[0]];
        }

        return false;
    }

    private TensorValue WithoutGradient(TensorValue output) => IsGradientOff ? Detach(output) : output;

    private TensorValue AddNode(string name, Layer layer, TensorLayout? layout, string? sharesWeightsWith, params TensorValue[] inputs)
    {
        Attends |= layer is ActivationLayer { Function: Softmax } && inputs.Any(input => ComesFromMatrixProduct(input.Node));
        string unique = Unique(Regex.Replace(name, @"[^\w.\[\]:/]", "_"));
        var node = new GraphNode(unique, layer, System.Array.ConvertAll(inputs, input => input.Node)) { SharesWeightsWith = sharesWeightsWith };
        _places.Add(unique, _nodes.Count);
        _nodes.Add(node);
        _byName.Add(unique, node);
        return new TensorValue(unique, layout);
    }

    private string Unique(string name)
    {
        int uses = _uses.TryGetValue(name, out int earlier) ? earlier + 1 : 1;
        _uses[name] = uses;
        return uses == 1 ? name : Unique($"{name}:{uses}");
    }

    private static string DefaultName(Layer layer) =>
        layer is ActivationLayer activation ? activation.Function.Name.ToLowerInvariant() : layer.Kind.ToLowerInvariant();
}
