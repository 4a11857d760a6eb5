namespace GradLint.Extraction.Hits;

/// <summary>What a reader of the code said about a hit.</summary>
/// <param name="Repository">Owner and name.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Place">The file and line.</param>
/// <param name="Fix">Whether a maintainer would fix it: yes, no, unclear.</param>
/// <param name="Reason">Why, in a few words.</param>
internal sealed record Verdict(string Repository, string Rule, string Place, string Fix, string Reason)
{
    /// <summary>Reads <c>verdicts.tsv</c>.</summary>
    public static IReadOnlyList<Verdict> Read(string file) =>
        [.. File.ReadLines(file).Skip(1).Select(line => line.Split('\t')).Select(cells => new Verdict(cells[0], cells[1], cells[2], cells[3], cells[4]))];

    public bool IsOf(JudgedRepository repository, Hit hit) => Repository == repository.Name && Rule == hit.Rule && Place == hit.Place;
}
