using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>The pages of the rules, which lie in the assembly: a report holds those that it names, so that their links lead somewhere offline.</summary>
internal static class RulePages
{
    /// <summary>The pages as Markdown, by the rules' IDs and in their order.</summary>
    public static JsonObject Of(IEnumerable<string> rules)
    {
        var pages = new JsonObject();
        foreach (string rule in rules.Distinct().Order(StringComparer.Ordinal))
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"rules/{rule}.md")
                ?? throw new InvalidOperationException($"There is no page for {rule}.");
            using var reader = new StreamReader(stream, Encoding.UTF8);
            pages[rule] = reader.ReadToEnd();
        }

        return pages;
    }
}
