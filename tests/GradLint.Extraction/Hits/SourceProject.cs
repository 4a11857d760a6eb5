using System.Xml.Linq;

namespace GradLint.Extraction.Hits;

/// <summary>
/// A project and the sources that it is compiled from here: its own, and those of the projects that it refers to where they are there. Not TorchSharp's: that is
/// what all are compiled against.
/// </summary>
/// <param name="File">The .csproj file.</param>
/// <param name="OwnFiles">The sources below its folder, less those of projects in folders below that.</param>
/// <param name="Files">All sources.</param>
internal sealed record SourceProject(string File, IReadOnlyCollection<string> OwnFiles, IReadOnlyList<string> Files)
{
    /// <summary>The projects below some folders, in the order of their names.</summary>
    public static IReadOnlyList<SourceProject> Below(IEnumerable<string> folders) =>
        [.. folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).Select(Read)];

    private static SourceProject Read(string file)
    {
        HashSet<string> seen = [];
        AddReferences(file, seen);
        return new SourceProject(file, [.. SourcesOf(file)], [.. seen.SelectMany(SourcesOf).Distinct()]);
    }

    private static void AddReferences(string file, HashSet<string> seen)
    {
        if (Path.GetFileName(file) == "TorchSharp.csproj" || !System.IO.File.Exists(file) || !seen.Add(file))
        {
            return;
        }

        foreach (XElement reference in XDocument.Load(file).Descendants().Where(element => element.Name.LocalName == "ProjectReference"))
        {
            AddReferences(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, reference.Attribute("Include")!.Value.Replace('\\', '/'))), seen);
        }
    }

    private static IEnumerable<string> SourcesOf(string project)
    {
        string folder = Path.GetDirectoryName(project)!;
        string[] inner =
        [
            .. Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories)
                .Select(file => Path.GetDirectoryName(file)!).Where(other => other != folder).Select(other => other + Path.DirectorySeparatorChar),
        ];
        return Sources.Below(folder).Where(source => !inner.Any(other => source.StartsWith(other, StringComparison.Ordinal)));
    }
}
