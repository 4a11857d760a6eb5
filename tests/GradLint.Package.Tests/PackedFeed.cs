using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

[assembly: AssemblyFixture(typeof(GradLint.Package.Tests.PackedFeed))]

namespace GradLint.Package.Tests;

/// <summary>A folder with the packages as <c>dotnet pack</c> makes them, and a cache of their own to unpack them to.</summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private static readonly string[] s_projects = ["analyzers/GradLint.Analyzers.Package", "src/GradLint", "src/GradLint.Cli"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gradlint-packages-");

    /// <summary>Where the packages lie.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>Where a consumer's restore unpacks to: empty at first, so that no earlier build's package is taken for this one.</summary>
    public string Cache => Path.Combine(_folder.FullName, "cache");

    public async ValueTask InitializeAsync()
    {
        string configuration = typeof(PackedFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Configuration").Value!;
        foreach (string project in s_projects)
        {
            (await Command.RunAsync("dotnet", Repository.Root, packages: null, "pack", project, "--no-build", "-p:BuildProjectReferences=false", "-c", configuration, "-o", Feed)).Succeeded();
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The files of a package, without NuGet's own bookkeeping.</summary>
    public IReadOnlyList<string> EntriesOf(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(FileOf(package));
        return
        [
            .. archive.Entries.Select(entry => entry.FullName)
                .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>A file of a package.</summary>
    public byte[] Read(string package, string entry)
    {
        using ZipArchive archive = ZipFile.OpenRead(FileOf(package));
        using Stream content = archive.GetEntry(entry)!.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>What a package says of itself.</summary>
    public XElement MetadataOf(string package)
    {
        using var text = new MemoryStream(Read(package, package + ".nuspec"));
        XElement metadata = XDocument.Load(text).Root!.Elements().Single();
        foreach (XElement element in metadata.DescendantsAndSelf())
        {
            element.Name = element.Name.LocalName;
        }

        return metadata;
    }

    /// <summary>The package's file, or with another ending the one of its symbols.</summary>
    public string FileOf(string package, string ending = ".nupkg") =>
        Directory.GetFiles(Feed, "*" + ending).Single(file => System.Text.RegularExpressions.Regex.IsMatch(Path.GetFileName(file), $@"^{package}\.\d"));
}
