using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Modeling;

/// <summary>Writes down the network while <c>forward</c> is interpreted: a node for each layer that a tensor goes through.</summary>
internal sealed class GraphRecorder
{
    private readonly List<GraphNode> _nodes = [];
    private readonly Dictionary<string, int> _uses = [];
    private readonly Dictionary<LayerModule, string> _firstUses = [];
    private readonly Dictionary<string, LayerModule> _layers = [];
    private readonly HashSet<string> _matrixProducts = [];

    public IReadOnlyList<GraphNode> Nodes => _nodes;

    /// <summary>The layer in the code behind each node; nodes of functional calls have none.</summary>
    public IReadOnlyDictionary<string, LayerModule> Layers => _layers;

    /// <summary>Whether the softmax of a product of two tensors was taken: attention, written by hand.</summary>
    public bool Attends { get; private set; }

    public TensorValue AddInput() => Add("input", new InputLayer(), sharesWeightsWith: null);

    public TensorValue Add(string name, Layer layer, params TensorValue[] inputs) => Add(name, layer, sharesWeightsWith: null, inputs);

    /// <summary>Adds the use of a layer; when it is not the first, the weights are shared with that.</summary>
    public TensorValue Add(LayerModule module, TensorValue input)
    {
        string name = module.Path ?? DefaultName(module.Layer);
        bool used = _firstUses.TryGetValue(module, out string? firstUse);
        TensorValue output = Add(name, module.Layer, used && module.Layer is WeightLayer ? firstUse : null, input);
        if (!used)
        {
            _firstUses.Add(module, output.Node);
        }

        _layers[output.Node] = module;
        return output;
    }

    public TensorValue AddOpaque(string reason, SyntaxNode where, params TensorValue[] inputs) =>
        Add($"opaque:{where.GetLocation().GetLineSpan().StartLinePosition.Line + 1}", new OpaqueLayer(reason), inputs);

    public TensorValue AddMatrixProduct(SyntaxNode where, params TensorValue[] factors)
    {
        TensorValue product = AddOpaque("the product of two tensors is not modelled", where, factors);
        _matrixProducts.Add(product.Node);
        return product;
    }

    /// <summary>Looks back over scaling, masking and the like, but not over layers with weights.</summary>
    private bool ComesFromMatrixProduct(string node)
    {
        GraphNode? current = _nodes.Find(candidate => candidate.Name == node);
        while (current is { Layer: not WeightLayer })
        {
            if (_matrixProducts.Contains(current.Name))
            {
                return true;
            }

            string? previous = current.Inputs.Count == 0 ? null : current.Inputs[0];
            current = previous is null ? null : _nodes.Find(candidate => candidate.Name == previous);
        }

        return false;
    }

    private TensorValue Add(string name, Layer layer, string? sharesWeightsWith, params TensorValue[] inputs)
    {
        Attends |= layer is ActivationLayer { Function: Softmax } && inputs.Any(input => ComesFromMatrixProduct(input.Node));
        string unique = Unique(Regex.Replace(name, @"[^\w.\[\]:/]", "_"));
        _nodes.Add(new GraphNode(unique, layer, System.Array.ConvertAll(inputs, input => input.Node)) { SharesWeightsWith = sharesWeightsWith });
        return new TensorValue(unique);
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
