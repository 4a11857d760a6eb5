using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Rules;

/// <summary>Where the paths of a network part and meet again: its skip connections, and the stacks of layers that have none around them.</summary>
internal sealed class SkipStructure
{
    private const int Nowhere = -1;

    private readonly NetworkGraph _graph;
    private readonly Dictionary<string, int> _indices = [];
    private readonly int[] _dominators;
    private readonly int[] _depths;
    private readonly HashSet<string> _innerSums = [];
    private readonly HashSet<string> _bypassed = [];

    public SkipStructure(NetworkGraph graph)
    {
        _graph = graph;
        _dominators = new int[graph.Nodes.Count];
        _depths = new int[graph.Nodes.Count];
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            _indices.Add(graph.Nodes[i].Name, i);
            FindDominator(i);
        }

        foreach (GraphNode sum in graph.Nodes.Where(node => node.Layer is AddLayer))
        {
            _innerSums.UnionWith(sum.Inputs.Where(input => IsInner(input, _dominators[_indices[sum.Name]])));
        }

        Sums = [.. graph.Nodes.Where(node => node.Layer is AddLayer).Select(SumAt).OfType<ResidualSum>()];
        foreach (GraphNode node in Sums.SelectMany(sum => sum.Paths).Concat(graph.Nodes.Where(node => node.Layer is ConcatLayer).SelectMany(PathsBesideSkip)).SelectMany(path => path))
        {
            _bypassed.Add(node.Name);
        }
    }

    /// <summary>The residual connections, in order of use.</summary>
    public IReadOnlyList<ResidualSum> Sums { get; }

    /// <summary>Whether anything leads around a layer: a residual sum, or a concatenation with what went in.</summary>
    public bool HasSkips => _bypassed.Count > 0;

    /// <summary>Whether something leads around one of the layers.</summary>
    public bool Bypass(IEnumerable<string> layers) => _bypassed.Overlaps(layers);

    /// <summary>The runs of linear and convolutional layers that lead straight from one to the next, with no skip connection around them.</summary>
    public IEnumerable<IReadOnlyList<GraphNode>> Stacks(bool acrossNormalization)
    {
        Dictionary<GraphNode, GraphNode?> previous = _graph.Nodes.Where(IsStacked).ToDictionary(node => node, node => PreviousInStack(node, acrossNormalization));
        var followed = new HashSet<GraphNode>(previous.Values.OfType<GraphNode>());
        foreach (GraphNode last in previous.Keys.Where(node => !followed.Contains(node)))
        {
            var stack = new List<GraphNode>();
            for (GraphNode? node = last; node is not null; node = previous[node])
            {
                stack.Add(node);
            }

            stack.Reverse();
            yield return stack;
        }
    }

    /// <summary>The activations that the signal goes through between the layers of a stack.</summary>
    public IEnumerable<GraphNode> ActivationsIn(IReadOnlyList<GraphNode> stack)
    {
        for (int i = 1; i < stack.Count; i++)
        {
            for (GraphNode node = _graph[stack[i].Inputs[0]]; node != stack[i - 1]; node = _graph[node.Inputs[0]])
            {
                if (node.Layer is ActivationLayer)
                {
                    yield return node;
                }
            }
        }
    }

    private bool IsStacked(GraphNode node) => node.Layer is LinearLayer or ConvolutionBase && !_bypassed.Contains(node.Name);

    private GraphNode? PreviousInStack(GraphNode node, bool acrossNormalization)
    {
        while (node.Inputs.Count == 1)
        {
            node = _graph[node.Inputs[0]];
            if (node.Layer is WeightLayer)
            {
                return IsStacked(node) ? node : null;
            }

            bool isPassed = node.Layer is ActivationLayer or PoolingLayer or FlattenLayer or DropoutLayer or ScaleLayer
                || (acrossNormalization && node.Layer is NormalizationLayer);
            if (!isPassed)
            {
                return null;
            }
        }

        return null;
    }

    private void FindDominator(int index)
    {
        IReadOnlyList<string> inputs = _graph.Nodes[index].Inputs;
        _dominators[index] = inputs.Count == 0 ? Nowhere : inputs.Select(input => _indices[input]).Aggregate(CommonDominator);
        _depths[index] = _dominators[index] == Nowhere ? 0 : _depths[_dominators[index]] + 1;
    }

    private int CommonDominator(int first, int second)
    {
        while (first != second)
        {
            if (first == Nowhere || second == Nowhere)
            {
                return Nowhere;
            }

            if (_depths[first] >= _depths[second])
            {
                first = _dominators[first];
            }
            else
            {
                second = _dominators[second];
            }
        }

        return first;
    }

    /// <summary>Sums of sums that part at the same place are one: only the outermost counts, with the inputs of all.</summary>
    private ResidualSum? SumAt(GraphNode sum)
    {
        int fork = _dominators[_indices[sum.Name]];
        return fork == Nowhere || _innerSums.Contains(sum.Name) || sum.Inputs.Count < 2
            ? null
            : new ResidualSum(sum, [.. InputsOf(sum, fork).Select(input => PathTo(input, fork))]);
    }

    private IEnumerable<string> InputsOf(GraphNode sum, int fork)
    {
        var open = new Stack<string>(sum.Inputs.Reverse());
        while (open.Count > 0)
        {
            string input = open.Pop();
            if (IsInner(input, fork))
            {
                foreach (string further in _graph[input].Inputs.Reverse())
                {
                    open.Push(further);
                }
            }
            else
            {
                yield return input;
            }
        }
    }

    private bool IsInner(string input, int fork) => _graph[input].Layer is AddLayer && _dominators[_indices[input]] == fork;

    /// <summary>What is concatenated with its own input, as in dense blocks and U-Nets; branches of equal rank are no skips.</summary>
    private IReadOnlyList<GraphNode>[] PathsBesideSkip(GraphNode merge)
    {
        int fork = _dominators[_indices[merge.Name]];
        if (merge.Inputs.Count < 2 || fork == Nowhere)
        {
            return [];
        }

        IReadOnlyList<GraphNode>[] paths = [.. merge.Inputs.Select(input => PathTo(input, fork))];
        return Array.Exists(paths, path => !path.Any(node => node.Layer is WeightLayer)) ? paths : [];
    }

    /// <summary>The nodes between the fork and an input of the node where the paths meet, in order of use.</summary>
    private IReadOnlyList<GraphNode> PathTo(string input, int fork)
    {
        var found = new SortedSet<int>();
        var open = new Stack<int>([_indices[input]]);
        while (open.Count > 0)
        {
            int index = open.Pop();
            if (index != fork && found.Add(index))
            {
                foreach (string earlier in _graph.Nodes[index].Inputs)
                {
                    open.Push(_indices[earlier]);
                }
            }
        }

        return [.. found.Select(index => _graph.Nodes[index])];
    }
}

/// <summary>A residual connection: the sum, and for each of its inputs the nodes since the paths parted; none for the skip itself.</summary>
internal sealed record ResidualSum(GraphNode Sum, IReadOnlyList<IReadOnlyList<GraphNode>> Paths)
{
    /// <summary>The path with the most layers of weights; null where all are plain.</summary>
    public IReadOnlyList<GraphNode>? Branch =>
        Paths.OrderByDescending(path => path.Count(node => node.Layer is WeightLayer)).First() is var longest && longest.Any(node => node.Layer is WeightLayer)
            ? longest
            : null;
}
