namespace GradLint.Extraction.Hits;

/// <summary>A public repository whose hits are judged.</summary>
/// <param name="Name">Owner and name.</param>
/// <param name="Commit">The commit that was read.</param>
/// <param name="Kind">What its code is for: examples, tests, projects.</param>
/// <param name="Folders">The folders of it that are read; '.' for all.</param>
internal sealed record JudgedRepository(string Name, string Commit, string Kind, IReadOnlyList<string> Folders)
{
    /// <summary>Reads <c>repositories.tsv</c>.</summary>
    public static IReadOnlyList<JudgedRepository> Read(string file) =>
        [.. File.ReadLines(file).Skip(1).Select(line => line.Split('\t')).Select(cells => new JudgedRepository(cells[0], cells[1], cells[2], cells[3].Split(' ')))];

    /// <summary>What the rules say about it.</summary>
    /// <param name="clones">The folder that holds a clone as <c>owner/name</c>.</param>
    /// <exception cref="DirectoryNotFoundException">No clone is there.</exception>
    public async Task<IReadOnlyList<Hit>> HitsAsync(string clones)
    {
        string root = Path.GetFullPath(Path.Combine(clones, Name));
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"{root} is not there: git clone https://github.com/{Name} {root} && git -C {root} checkout {Commit}");
        }

        List<Hit> hits = [];
        foreach (SourceProject project in SourceProject.Below(Folders.Select(folder => Path.GetFullPath(Path.Combine(root, folder)))))
        {
            hits.AddRange(await Hit.InAsync(project, root));
        }

        return [.. hits.DistinctBy(hit => (hit.Rule, hit.Place))];
    }
}
