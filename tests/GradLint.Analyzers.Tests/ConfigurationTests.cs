using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;

namespace GradLint;

/// <summary>The page about the settings, and the presets that the package brings, say what the code says.</summary>
public sealed class ConfigurationTests
{
    private const string TableHead = "|---|---|---|---|\n";

    public static TheoryData<string> Presets => ["default", "strict", "none"];

    [Fact]
    public void The_page_lists_every_setting_with_its_default_and_meaning()
    {
        string page = File.ReadAllText(Repository.PathTo("analyzers/docs/configuration.md"));
        string untilTable = page[..(page.IndexOf(TableHead, StringComparison.Ordinal) + TableHead.Length)];
        HoldTo(
            untilTable + string.Concat(RuleOptions.All.Select(option => $"| `{option.Key}` | {option.Default} | {option.Allowed} | {option.Meaning} |\n")),
            "analyzers/docs/configuration.md");
    }

    [Fact]
    public void The_page_of_a_rule_names_its_settings() => Assert.All(RuleOptions.All, option =>
        Assert.Contains($"`{option.Key}", File.ReadAllText(Repository.PathTo($"analyzers/docs/rules/{option.Key.Split('.')[1]}.md"))));

    [Fact]
    public void Every_default_is_a_value_that_its_setting_takes() => Assert.All(RuleOptions.All, option => Assert.True(option.Accepts(option.Default), option.Key));

    [Fact]
    public void No_two_settings_share_a_key() => Assert.Equal(RuleOptions.All.Count, RuleOptions.All.Select(option => option.Key).Distinct().Count());

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_sets_the_severity_of_every_rule(string preset) =>
        HoldTo(Expected(preset), $"analyzers/GradLint.Analyzers.Package/buildTransitive/presets/{preset}.globalconfig");

    /// <summary>With the variable UPDATE_DOCS set, the file is written instead.</summary>
    private static void HoldTo(string expected, string file)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") is not null)
        {
            File.WriteAllText(Repository.PathTo(file), expected);
        }

        Assert.Equal(expected, File.ReadAllText(Repository.PathTo(file)));
    }

    private static string Expected(string preset)
    {
        IEnumerable<string> rules = RuleConventionTests.Analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics)
            .OrderBy(rule => rule.Id, StringComparer.Ordinal)
            .Select(rule => $"\n# {rule.Title}\ndotnet_diagnostic.{rule.Id}.severity = {SeverityIn(preset, rule)}\n");
        return $"# GradLint's preset '{preset}'\nis_global = true\nglobal_level = -100\n{string.Concat(rules)}";
    }

    /// <summary>"default" leaves each case of a rule the severity that it has.</summary>
    private static string SeverityIn(string preset, DiagnosticDescriptor rule) => (preset, rule.Id) switch
    {
        ("strict", _) => "warning",
        ("none", not RuleIds.InvalidSetting) => "none",
        _ => "default",
    };
}
