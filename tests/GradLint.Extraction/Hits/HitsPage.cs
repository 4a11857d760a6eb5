using System.Text;
using Microsoft.CodeAnalysis;

namespace GradLint.Extraction.Hits;

/// <summary>The page of all hits with their verdicts.</summary>
internal sealed class HitsPage(IReadOnlyList<(JudgedRepository Repository, IReadOnlyList<Hit> Hits)> found, IReadOnlyList<Verdict> verdicts)
{
    private const string NotJudged = "**not judged**";

    /// <summary>How many hits nobody has judged.</summary>
    public int UnjudgedCount => found.Sum(entry => entry.Hits.Count(hit => VerdictOf(entry.Repository, hit) is null));

    /// <summary>Verdicts on what no rule says any more.</summary>
    public IEnumerable<Verdict> Outdated =>
        verdicts.Where(verdict => !found.Any(entry => entry.Hits.Any(hit => verdict.IsOf(entry.Repository, hit))));

    /// <summary>The page, in Markdown.</summary>
    public override string ToString()
    {
        var page = new StringBuilder("""
            # What the rules say about public code

            All rules at their default severities, over public repositories as they are. Each hit was judged by reading the code around it: would a maintainer fix it? `yes`: the
            code does something that its author did not want, or runs into it as soon as the numbers change. `no`: the code is right as it is, or the advice would not help it. `unclear`: the code alone does not tell.
            The sources are compiled against the TorchSharp that GradLint is built with; other packages are missing, and what refers to them is not understood.

            ```
            git clone https://github.com/OWNER/NAME CLONES/OWNER/NAME      # each at the commit below
            dotnet run -c Release --project tests/GradLint.Extraction -- --hits CLONES --markdown docs/judged-hits.md
            ```

            The verdicts are in `tests/GradLint.Extraction/Hits/verdicts.tsv`. A hit without one ends the program with exit code 1.


            """);
        WriteShares(page);
        foreach ((JudgedRepository repository, IReadOnlyList<Hit> hits) in found)
        {
            Write(page, repository, hits);
        }

        return page.ToString().TrimEnd() + "\n";
    }

    private void WriteShares(StringBuilder page)
    {
        page.AppendLine("| | warnings | a maintainer would fix | would not | unclear | hits at Info | would fix | would not | unclear |");
        page.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach ((JudgedRepository Repository, IReadOnlyList<Hit>) entry in found)
        {
            WriteCounts(page, $"{entry.Repository.Name}, {entry.Repository.Kind}", [entry]);
        }

        foreach (var kind in found.GroupBy(entry => entry.Repository.Kind))
        {
            WriteCounts(page, $"**all {kind.Key}**", [.. kind]);
        }

        page.AppendLine();
    }

    private void WriteCounts(StringBuilder page, string name, IReadOnlyList<(JudgedRepository Repository, IReadOnlyList<Hit> Hits)> entries) =>
        page.AppendLine($"| {name} | {Counts(entries, DiagnosticSeverity.Warning)} | {Counts(entries, DiagnosticSeverity.Info)} |");

    private string Counts(IReadOnlyList<(JudgedRepository Repository, IReadOnlyList<Hit> Hits)> entries, DiagnosticSeverity severity)
    {
        string?[] fixes = [.. entries.SelectMany(entry => entry.Hits.Where(hit => hit.Severity == severity).Select(hit => VerdictOf(entry.Repository, hit)?.Fix))];
        return $"{fixes.Length} | {fixes.Count(fix => fix == "yes")} | {fixes.Count(fix => fix == "no")} | {fixes.Count(fix => fix == "unclear")}";
    }

    private void Write(StringBuilder page, JudgedRepository repository, IReadOnlyList<Hit> hits)
    {
        string where = repository.Folders is ["."] ? "" : $" ({string.Join(", ", repository.Folders.Select(folder => $"`{folder}`"))})";
        page.AppendLine($"## {repository.Name}, {repository.Kind}\n");
        page.AppendLine($"Commit [{repository.Commit[..10]}](https://github.com/{repository.Name}/tree/{repository.Commit}){where}\n");
        if (hits.Count == 0)
        {
            page.AppendLine("Nothing.\n");
            return;
        }

        page.AppendLine("| rule | severity | place | code | what it says | a maintainer would fix it | why |");
        page.AppendLine("|---|---|---|---|---|---|---|");
        foreach (Hit hit in hits.OrderByDescending(hit => hit.Severity))
        {
            Verdict? verdict = VerdictOf(repository, hit);
            page.AppendLine(
                $"| {hit.Rule} | {hit.Severity} | {hit.Place} | `{Cell(hit.Code)}` | {Cell(hit.Message)} | {verdict?.Fix ?? NotJudged} | {verdict?.Reason} |");
        }

        page.AppendLine();
    }

    private Verdict? VerdictOf(JudgedRepository repository, Hit hit) => verdicts.FirstOrDefault(verdict => verdict.IsOf(repository, hit));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);
}
