using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace GradLint.Package.Tests;

/// <summary>What lies in the packages, and what they ask of their users.</summary>
public sealed class PackageContentTests(PackedFeed packages)
{
    public static TheoryData<string> Packages => ["GradLint", "GradLint.Analyzers", "GradLint.Cli"];

    [Fact]
    public void The_analyzers_are_for_the_compiler_only() => Assert.Equal(
        [
            "GradLint.Analyzers.nuspec",
            "README.md",
            "analyzers/dotnet/roslyn4.8/cs/GradLint.Analyzers.dll",
            "analyzers/dotnet/roslyn4.8/cs/GradLint.CodeFixes.dll",
            "analyzers/dotnet/roslyn4.8/cs/GradLint.SignalPropagation.dll",
            "buildTransitive/GradLint.Analyzers.targets",
            "buildTransitive/presets/default.globalconfig",
            "buildTransitive/presets/none.globalconfig",
            "buildTransitive/presets/strict.globalconfig",
        ],
        packages.EntriesOf("GradLint.Analyzers"));

    [Fact]
    public void The_analyzers_never_become_a_dependency_of_their_user()
    {
        XElement metadata = packages.MetadataOf("GradLint.Analyzers");

        Assert.Equal("true", metadata.Element("developmentDependency")?.Value);
        Assert.Empty(metadata.Descendants("dependency"));
    }

    [Fact]
    public void The_runtime_brings_its_documentation_and_the_prediction() => Assert.Equal(
        [
            "GradLint.nuspec",
            "README.md",
            "buildTransitive/GradLint.targets",
            "buildTransitive/GradLintStartup.cs",
            "lib/net8.0/GradLint.SignalPropagation.dll",
            "lib/net8.0/GradLint.SignalPropagation.xml",
            "lib/net8.0/GradLint.dll",
            "lib/net8.0/GradLint.xml",
        ],
        packages.EntriesOf("GradLint"));

    [Fact]
    public void The_runtime_asks_for_TorchSharp_and_leaves_the_choice_of_libtorch_to_its_user()
    {
        string[] dependencies = [.. packages.MetadataOf("GradLint").Descendants("dependency").Select(dependency => dependency.Attribute("id")!.Value)];

        Assert.Contains("TorchSharp", dependencies);
        Assert.Contains("GradLint.Analyzers", dependencies);
        Assert.DoesNotContain(dependencies, dependency => dependency.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase) || dependency.StartsWith("TorchSharp-", StringComparison.Ordinal));
    }

    [Fact]
    public void The_tool_brings_no_libtorch_and_no_symbols_of_others()
    {
        IReadOnlyList<string> entries = packages.EntriesOf("GradLint.Cli");

        Assert.Contains("tools/net8.0/any/GradLint.Cli.dll", entries);
        Assert.Contains("tools/net8.0/any/TorchSharp.dll", entries);
        Assert.DoesNotContain(entries, entry => Path.GetFileName(entry).StartsWith("libtorch", StringComparison.Ordinal));
        Assert.DoesNotContain(entries, entry => entry.EndsWith(".pdb", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_says_what_it_is_under_which_licence(string package)
    {
        XElement metadata = packages.MetadataOf(package);

        Assert.Equal("MIT", metadata.Element("license")?.Value);
        Assert.Equal("README.md", metadata.Element("readme")?.Value);
        Assert.NotEmpty(metadata.Element("description")!.Value);
        Assert.NotEmpty(metadata.Element("tags")!.Value);
        Assert.Null(metadata.Element("icon"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_same_sources_give_the_same_bytes_and_symbols_are_there(string package)
    {
        foreach (string assembly in packages.EntriesOf(package).Where(entry => Path.GetFileName(entry).StartsWith("GradLint", StringComparison.Ordinal) && entry.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using var image = new PEReader(new MemoryStream(packages.Read(package, assembly)));
            DebugDirectoryEntryType[] debugging = [.. image.ReadDebugDirectory().Select(entry => entry.Type)];
            Assert.Contains(DebugDirectoryEntryType.Reproducible, debugging);
            Assert.Contains(DebugDirectoryEntryType.EmbeddedPortablePdb, debugging);
        }
    }
}
