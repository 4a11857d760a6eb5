using System.Collections.Generic;
using System.Linq;

namespace GradLint.SignalPropagation;

/// <summary>What makes a set of nodes a network.</summary>
internal static class GraphValidation
{
    /// <summary>Checks a node by itself and its references.</summary>
    public static void Check(GraphNode node, IReadOnlyDictionary<string, GraphNode> all)
    {
        if (node.Name.Length == 0 || !node.Name.All(IsNameCharacter))
        {
            throw new NetworkGraphException(node.Name, "is not a name: use letters, digits and the marks _ . [ ] : /");
        }

        CheckInputs(node, all);
        if (node.SharesWeightsWith is { } owner && (!all.TryGetValue(owner, out GraphNode? other) || other.Layer.GetType() != node.Layer.GetType()))
        {
            throw new NetworkGraphException(node.Name, $"shares its weights with '{owner}', which is not a node of the same kind");
        }

        foreach ((string name, double? size) in node.Layer.Sizes)
        {
            if (size is { } value && !(value > 0))
            {
                throw new NetworkGraphException(node.Name, $"has {name} {value}, which must be positive");
            }
        }

        if (node.Layer.Problem is { } problem)
        {
            throw new NetworkGraphException(node.Name, problem);
        }
    }

    /// <summary>Depth-first order that keeps the given order where it can; throws on a cycle.</summary>
    public static IReadOnlyList<GraphNode> TopologicalOrder(IReadOnlyList<GraphNode> nodes, IReadOnlyDictionary<string, GraphNode> all)
    {
        List<GraphNode> order = new(nodes.Count);
        HashSet<string> done = new();
        HashSet<string> open = new();
        Stack<(GraphNode Node, int NextInput)> path = new();
        foreach (GraphNode root in nodes)
        {
            Push(root);
            while (path.Count > 0)
            {
                (GraphNode node, int next) = path.Pop();
                if (next < node.Inputs.Count)
                {
                    path.Push((node, next + 1));
                    Push(all[node.Inputs[next]]);
                }
                else
                {
                    open.Remove(node.Name);
                    done.Add(node.Name);
                    order.Add(node);
                }
            }
        }

        return order;

        void Push(GraphNode node)
        {
            if (open.Contains(node.Name))
            {
                throw new NetworkGraphException(node.Name, "lies on a cycle: unroll recurrences, or use a recurrent layer");
            }

            if (!done.Contains(node.Name))
            {
                open.Add(node.Name);
                path.Push((node, 0));
            }
        }
    }

    /// <summary>Every node must matter to the output.</summary>
    public static void CheckAllLeadTo(GraphNode output, IEnumerable<GraphNode> nodes, IReadOnlyDictionary<string, GraphNode> all)
    {
        HashSet<string> reached = new() { output.Name };
        Stack<GraphNode> todo = new();
        todo.Push(output);
        while (todo.Count > 0)
        {
            foreach (string input in todo.Pop().Inputs)
            {
                if (reached.Add(input))
                {
                    todo.Push(all[input]);
                }
            }
        }

        GraphNode? loose = nodes.FirstOrDefault(node => !reached.Contains(node.Name));
        if (loose is not null)
        {
            throw new NetworkGraphException(loose.Name, $"does not lead to the output '{output.Name}'");
        }
    }

    private static void CheckInputs(GraphNode node, IReadOnlyDictionary<string, GraphNode> all)
    {
        (int least, int most) = node.Layer.InputCount;
        if (node.Inputs.Count < least || node.Inputs.Count > most)
        {
            string wanted = most == int.MaxValue ? $"at least {least}" : least == most ? $"{least}" : $"{least} to {most}";
            throw new NetworkGraphException(node.Name, $"({node.Layer.Kind}) has {node.Inputs.Count} inputs, but takes {wanted}");
        }

        string? dangling = node.Inputs.FirstOrDefault(input => !all.ContainsKey(input));
        if (dangling is not null)
        {
            throw new NetworkGraphException(node.Name, $"reads '{dangling}', but there is no such node");
        }
    }

    private static bool IsNameCharacter(char c) => char.IsLetterOrDigit(c) || "_.[]:/".IndexOf(c) >= 0;
}
