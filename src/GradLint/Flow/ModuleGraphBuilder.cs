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
            chain.Add(node with { Inputs = [last] });
            last = node.Name;
        }

        return new ModuleGraph(new NetworkGraph(chain, last), _assumptions);
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

        if (module is M.TransformerEncoder stack)
        {
            foreach ((string inner, SignalPropagation.Layer encoder) in _translation.EncoderLayers(stack, name))
            {
                _nodes.Add(new GraphNode(ModulePaths.Unused(ModulePaths.Clean(inner), [.. _nodes.Select(node => node.Name)]), encoder, []));
            }

            return;
        }

        SignalPropagation.Layer layer = _translation.Translate(module, name);
        string unique = ModulePaths.Unused(ModulePaths.Clean(name), [.. _nodes.Select(node => node.Name)]);
        string? owner = layer is WeightLayer && !_owners.TryAdd(module, unique) ? _owners[module] : null;
        _nodes.Add(new GraphNode(unique, layer, []) { SharesWeightsWith = owner });
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
