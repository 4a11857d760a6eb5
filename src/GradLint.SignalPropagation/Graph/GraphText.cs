using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace GradLint.SignalPropagation;

/// <summary>The text form of a graph: <c>name = Kind(arguments) &lt;- input, input</c>, one node per line, the output last.</summary>
internal static class GraphText
{
    private const string Arrow = "<-";
    private const string Sharing = " sharing ";

    /// <summary>Writes a graph.</summary>
    public static string Write(NetworkGraph graph)
    {
        StringBuilder text = new();
        foreach (GraphNode node in graph.Nodes.Where(node => node != graph.Output).Concat(new[] { graph.Output }))
        {
            text.Append(node.Name).Append(" = ").Append(RecordText.Write(node.Layer, node.Layer.Kind));
            if (node.SharesWeightsWith is { } owner)
            {
                text.Append(Sharing).Append(owner);
            }

            if (node.Inputs.Count > 0)
            {
                text.Append(' ').Append(Arrow).Append(' ').Append(string.Join(", ", node.Inputs));
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Reads a graph.</summary>
    public static NetworkGraph Read(string text)
    {
        List<GraphNode> nodes = new();
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Trim();
            if (line.Length > 0 && line[0] != '#')
            {
                nodes.Add(ReadNode(line));
            }
        }

        return nodes.Count > 0 ? new NetworkGraph(nodes, nodes[nodes.Count - 1].Name) : throw new NetworkGraphException("The text has no node.");
    }

    private static GraphNode ReadNode(string line)
    {
        int equals = line.IndexOf(" = ", StringComparison.Ordinal);
        if (equals < 0)
        {
            throw new NetworkGraphException($"Not a node: \"{line}\". A line reads: name = Kind(arguments) {Arrow} inputs");
        }

        string name = line.Substring(0, equals).Trim();
        try
        {
            RecordText.Reader reader = new(line, equals + 3);
            Layer layer = (Layer)reader.Read(typeof(Layer))!;
            string rest = line.Substring(reader.Position).Trim();
            int arrow = rest.IndexOf(Arrow, StringComparison.Ordinal);
            string head = arrow < 0 ? rest : rest.Substring(0, arrow).Trim();
            string[] inputs = arrow < 0 ? Array.Empty<string>() : rest.Substring(arrow + Arrow.Length).Split(',').Select(input => input.Trim()).ToArray();
            return new GraphNode(name, layer, inputs) { SharesWeightsWith = Owner(head) };
        }
        catch (FormatException error)
        {
            throw new NetworkGraphException(name, $"cannot be read: {error.Message} in \"{line}\"");
        }
    }

    private static string? Owner(string head)
    {
        string keyword = Sharing.Trim() + " ";
        return head.Length == 0 ? null
            : head.StartsWith(keyword, StringComparison.Ordinal) ? head.Substring(keyword.Length).Trim()
            : throw new FormatException($"unexpected \"{head}\"");
    }
}
