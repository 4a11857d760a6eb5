using GradLint.SignalPropagation;
using static TorchSharp.torch;
using M = TorchSharp.Modules;

namespace GradLint;

/// <summary>Walks through a module in order of use and chains up its layers.</summary>
internal sealed class ModuleGraphBuilder
{
    private readonly ModuleTranslation _translation;
    private readonly List<GraphNode> _nodes = [];
    private readonly List<string> _assumptions = [];
    private readonly Dictionary<nn.Module, string> _owners = new(ReferenceEqualityComparer.Instance);

    public ModuleGraphBuilder(WeightReader weights) => _translation = new ModuleTranslation(weights, Assume);

    public ModuleGraph Build(nn.Module module, int?[]? inputShape)
    {
        Walk(module, ModulePaths.NameOfRoot(module), ModulePaths.Root);
        string input = ModulePaths.Unused("input", [.. _nodes.Select(node => node.Name)]);
        string last = input;
        List<GraphNode> chain = [new(input, new InputLayer(inputShape ?? ShapeFor(_nodes.FirstOrDefault()?.Layer)), [])];
        foreach (GraphNode node in _nodes)
        {
            if (node.Layer is EmbeddingLayer && chain[^1].Layer is EmbeddingLayer or AddLayer)
            {
                last = SumWithEmbedding(chain, node, input);
                continue;
            }

            chain.Add(node with { Inputs = node.Layer is TransformerDecoderLayer decoder ? [last, Memory(chain, decoder, inputShape)] : [last] });
            last = node.Name;
        }

        return new ModuleGraph(new NetworkGraph(chain, last), _assumptions);
    }

    // An embedding cannot read another's vectors: of tokens and their places the sum is taken.
    private string SumWithEmbedding(List<GraphNode> chain, GraphNode embedding, string input)
    {
        string other = chain[^1].Name;
        string sum = ModulePaths.Unused("sum", [.. _nodes.Concat(chain).Select(node => node.Name)]);
        Assume($"'{embedding.Name}' reads tokens of the input too, and its vectors are added to those of the embedding before it");
        chain.Add(embedding with { Inputs = [input] });
        chain.Add(new GraphNode(sum, new AddLayer(), [other, embedding.Name]));
        return sum;
    }

    private void Walk(nn.Module module, string name, string path)
    {
        if (ModulePaths.IsContainer(module))
        {
            AssumeOrder(module, name);
            foreach ((string child, nn.Module inner) in module.named_children())
            {
                Walk(inner, ModulePaths.Join(path, child), ModulePaths.Join(path, child));
            }

            return;
        }

        if (_translation.Stacked(module, name) is { } stacked)
        {
            foreach ((string inner, TransformerLayer transformer) in stacked)
            {
                _nodes.Add(new GraphNode(ModulePaths.Unused(ModulePaths.Clean(inner), [.. _nodes.Select(node => node.Name)]), transformer, []));
            }

            return;
        }

        SignalPropagation.Layer layer = _translation.Translate(module, name);
        string unique = ModulePaths.Unused(ModulePaths.Clean(name), [.. _nodes.Select(node => node.Name)]);
        string? owner = layer is WeightLayer && !_owners.TryAdd(module, unique) ? _owners[module] : null;
        _nodes.Add(new GraphNode(unique, layer, []) { SharesWeightsWith = owner });
    }

    // What a decoder reads beside its target comes from somewhere else: an input of its own, with as many positions as the first one where that is a sequence.
    private string Memory(List<GraphNode> chain, TransformerDecoderLayer decoder, int?[]? inputShape)
    {
        if (chain.Skip(1).FirstOrDefault(node => node.Layer is InputLayer) is { } known)
        {
            return known.Name;
        }

        string name = ModulePaths.Unused("memory", [.. _nodes.Concat(chain).Select(node => node.Name)]);
        Assume("the memory of a decoder is N(0, 1), and what comes before it is its target");
        chain.Add(new GraphNode(name, new InputLayer([inputShape is [var positions, _] ? positions : null, decoder.ModelDimension]), []));
        return name;
    }

    private void AssumeOrder(nn.Module module, string name)
    {
        if (module is not M.Sequential && !ModulePaths.IsList(module))
        {
            Assume($"'{name}' ({module.GetType().Name}) calls its child modules once each, in order of registration, and computes nothing else");
        }
    }

    private void Assume(string assumption)
    {
        if (!_assumptions.Contains(assumption))
        {
            _assumptions.Add(assumption);
        }
    }

    // A network that begins with a linear layer reads vectors of that size.
    private static int?[]? ShapeFor(SignalPropagation.Layer? first) => first is LinearLayer linear ? [linear.InFeatures] : null;
}
