using System.Reflection;

namespace GradLint.Cli.Rules;

/// <summary>The pages about the rules, as they stand in the documentation of the version that this tool is.</summary>
internal static class RulePages
{
    private const string Folder = "docs/rules/";

    /// <summary>The IDs that have a page, in order.</summary>
    public static IReadOnlyList<string> Ids { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => Path.GetFileNameWithoutExtension(name))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The page of a rule, in Markdown; null for an unknown ID.</summary>
    public static string? Page(string id) => Ids.Contains(id) ? Read($"{Folder}{id}.md") : null;

    /// <summary>The table of all rules: ID, title, severity, what the fix does.</summary>
    public static IReadOnlyList<RuleLine> Index { get; } =
    [
        .. Read("docs/README.md").Split('\n')
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length >= 6 && cells[1].StartsWith("[GL", StringComparison.Ordinal))
            .Select(cells => new RuleLine(cells[1][1..cells[1].IndexOf(']')], cells[2], cells[3], cells[4])),
    ];

    private static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}

/// <summary>One rule in the index.</summary>
internal sealed record RuleLine(string Id, string Title, string Severity, string Fix);
