namespace GradLint.Extraction.Hits;

/// <summary>What all rules say about the repositories in <c>repositories.tsv</c>, with the verdicts in <c>verdicts.tsv</c>.</summary>
internal static class HitsCommand
{
    /// <summary>Prints the page, or writes it to a file; 1 where a hit was not judged or a verdict is about nothing.</summary>
    public static async Task<int> RunAsync(string clones, string? markdown)
    {
        List<(JudgedRepository, IReadOnlyList<Hit>)> found = [];
        foreach (JudgedRepository repository in JudgedRepository.Read(PathTo("repositories.tsv")))
        {
            found.Add((repository, await repository.HitsAsync(clones)));
        }

        HitsPage page = new(found, Verdict.Read(PathTo("verdicts.tsv")));
        if (markdown is null)
        {
            Console.Write(page);
        }
        else
        {
            File.WriteAllText(markdown, page.ToString());
        }

        foreach (Verdict verdict in page.Outdated)
        {
            Console.Error.WriteLine($"No rule says this any more: {verdict}");
        }

        Console.Error.WriteLine($"{page.UnjudgedCount} hits are not judged.");
        return page.UnjudgedCount == 0 && !page.Outdated.Any() ? 0 : 1;
    }

    private static string PathTo(string file) => Repository.PathTo($"tests/GradLint.Extraction/Hits/{file}");
}
