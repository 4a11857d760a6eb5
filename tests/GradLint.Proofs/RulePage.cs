using System.Text.RegularExpressions;

namespace GradLint.Proofs;

/// <summary>The page of a rule, with the code that it shows: an example on which the rule speaks, and the example after the rule's fix.</summary>
/// <param name="RuleId">The rule, such as <c>GL3001</c>.</param>
/// <param name="Text">The whole page.</param>
/// <param name="Example">What stands below "Example".</param>
/// <param name="Repaired">What stands below "Fix"; null where the page shows no code there.</param>
internal sealed partial record RulePage(string RuleId, string Text, string Example, string? Repaired)
{
    public static string Folder { get; } = Repository.PathTo("analyzers/docs/rules");

    /// <summary>All pages that show code.</summary>
    public static IReadOnlyList<RulePage> All() =>
        [.. Directory.GetFiles(Folder, "GL*.md").Order(StringComparer.Ordinal).Select(Read).OfType<RulePage>()];

    /// <summary>Null where the page shows no code.</summary>
    public static RulePage? Read(string path)
    {
        string text = File.ReadAllText(path);
        return ExampleCode().Match(text) is { Success: true } example
            ? new RulePage(
                Path.GetFileNameWithoutExtension(path),
                text,
                example.Groups["code"].Value,
                FixedCode().Match(text) is { Success: true } repaired ? repaired.Groups["code"].Value : null)
            : null;
    }

    /// <summary>The page with this code below "Fix".</summary>
    public string With(string repaired)
    {
        Match fix = FixedCode().Match(Text);
        if (fix.Success)
        {
            return Text[..fix.Groups["code"].Index] + repaired + Text[(fix.Groups["code"].Index + fix.Groups["code"].Length)..];
        }

        int end = FixText().Match(Text) is { Success: true } described ? described.Index + described.Length : throw new ProofException($"{RuleId}.md has no 'Fix'.");
        return $"{Text[..end]}```csharp\n{repaired}```\n\n{Text[end..]}";
    }

    [GeneratedRegex(@"^\*\*Example\*\*.*?^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ExampleCode();

    [GeneratedRegex(@"^\*\*Fix\.\*\*(?:(?!^\*\*)(?!^```).)*^```csharp\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FixedCode();

    [GeneratedRegex(@"^\*\*Fix\.\*\*(?:(?!^\*\*When).)*", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FixText();
}
