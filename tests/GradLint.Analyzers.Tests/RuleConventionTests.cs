using System.Reflection;
using GradLint.CodeFixes.Infrastructure;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint;

/// <summary>A rule is found by its ID, and every rule is complete.</summary>
public sealed class RuleConventionTests
{
    public static IEnumerable<TorchSharpAnalyzer> Analyzers => InstancesOf<TorchSharpAnalyzer>(typeof(TorchSharpAnalyzer).Assembly);

    public static TheoryData<string> RuleNames =>
        new(Analyzers.Select(analyzer => analyzer.GetType().Name[..^"Analyzer".Length]));

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Its_files_are_where_its_ID_says(string rule)
    {
        Assert.Single(FilesNamed("analyzers/GradLint.Analyzers", rule + "Analyzer.cs"), path => IsInFolderOf(rule, path));
        Assert.Equal(HasFix(rule) ? 1 : 0, FilesNamed("analyzers/GradLint.CodeFixes", rule + "CodeFix.cs").Count(path => IsInFolderOf(rule, path)));
        Assert.Single(FilesNamed("tests/GradLint.Analyzers.Tests", rule + "Tests.cs"), path => IsInFolderOf(rule, path));
    }

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void It_is_named_as_in_the_list_of_IDs(string rule) =>
        Assert.Equal(rule[..6], typeof(RuleIds).GetField(rule[6..])?.GetRawConstantValue());

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void It_is_tracked_for_release(string rule)
    {
        string[] tracked = ["AnalyzerReleases.Shipped.md", "AnalyzerReleases.Unshipped.md"];
        Assert.Contains(tracked, file => File.ReadAllText(Repository.PathTo($"analyzers/GradLint.Analyzers/{file}")).Contains($"{rule[..6]} | "));
    }

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void It_has_a_page_and_a_line_in_the_index(string rule)
    {
        DiagnosticDescriptor descriptor = Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).Single(descriptor => descriptor.Id == rule[..6]);
        string docs = Repository.PathTo("analyzers/docs");

        Assert.Equal($"# {descriptor.Id}: {descriptor.Title}", File.ReadLines(Path.Combine(docs, "rules", $"{descriptor.Id}.md")).First());
        Assert.Contains($"| [{descriptor.Id}](rules/{descriptor.Id}.md) | {descriptor.Title} | {descriptor.DefaultSeverity}", File.ReadAllText(Path.Combine(docs, "README.md")));
        Assert.Contains($"[{descriptor.Id}](analyzers/docs/rules/{descriptor.Id}.md)", File.ReadAllText(Repository.PathTo("README.md")));
    }

    [Fact]
    public void Each_ID_has_one_analyzer() =>
        Assert.All(Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).GroupBy(rule => rule.Id), same => Assert.Single(same));

    [Fact]
    public void Messages_are_sentences_with_something_in_them() =>
        Assert.All(Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics), rule =>
        {
            Assert.Contains("{0}", rule.MessageFormat.ToString());
            Assert.NotEqual("{0}", rule.MessageFormat.ToString());
            Assert.EndsWith(".", rule.Description.ToString(), StringComparison.Ordinal);
        });

    [Fact]
    public void Code_fixes_are_for_rules_and_can_fix_all()
    {
        HashSet<string> rules = Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics).Select(rule => rule.Id).ToHashSet();
        Assert.All(InstancesOf<CodeFixProvider>(typeof(TorchSharpCodeFixProvider).Assembly), fix =>
        {
            Assert.All(fix.FixableDiagnosticIds, id => Assert.Contains(id, rules));
            Assert.NotNull(fix.GetFixAllProvider());
            Assert.NotNull(fix.GetType().GetCustomAttribute<ExportCodeFixProviderAttribute>());
        });
    }

    [Fact]
    public void Analyzers_are_for_CSharp() =>
        Assert.All(Analyzers, analyzer => Assert.Equal(
            [LanguageNames.CSharp], analyzer.GetType().GetCustomAttribute<DiagnosticAnalyzerAttribute>()!.Languages));

    /// <summary>Where there is no fix, the index says so.</summary>
    private static bool HasFix(string rule) =>
        !File.ReadLines(Repository.PathTo("analyzers/docs/README.md")).Any(line => line.Contains($"(rules/{rule[..6]}.md)") && line.EndsWith("| - |", StringComparison.Ordinal));

    private static bool IsInFolderOf(string rule, string path) =>
        Path.GetFileName(Path.GetDirectoryName(path))!.StartsWith(rule[..3] + "xxx.", StringComparison.Ordinal);

    private static string[] FilesNamed(string folder, string name) =>
        Directory.GetFiles(Repository.PathTo(folder), name, SearchOption.AllDirectories);

    private static IEnumerable<T> InstancesOf<T>(Assembly assembly) =>
        assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract).Select(type => (T)Activator.CreateInstance(type)!);
}
