using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>GL0001: a setting of GradLint that is misspelt, or has a value that it does not take.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GL0001InvalidSettingAnalyzer() : TorchSharpAnalyzer(s_rule)
{
    /// <summary>The MSBuild property that chooses a preset, as the compiler hands it on.</summary>
    private const string PresetKey = "build_property.GradLintPreset";

    private static readonly string[] s_presets = ["default", "strict", "none"];

    // Settings belong to no line of code, so they are looked at once, when the project is compiled.
    private static readonly DiagnosticDescriptor s_rule = RuleDescriptor.Create(
        RuleIds.InvalidSetting,
        RuleCategory.Configuration,
        RuleLevel.Warning,
        "A setting of GradLint is not valid",
        "The setting '{0}' {1}",
        "A key of .editorconfig or .globalconfig that begins with 'gradlint.' is not known, or its value is not one that it takes. The rule's default holds instead.",
        WellKnownDiagnosticTags.CompilationEnd);

    // The rule against this knows nothing of the front door, which has to look for TorchSharp first.
#pragma warning disable RS1013
    private protected override void Register(CompilationStartAnalysisContext context, TorchSharpSymbols torchSharp) =>
#pragma warning restore RS1013
        context.RegisterCompilationEndAction(end =>
        {
            foreach ((string key, string problem) in Problems(end.Compilation, end.Options.AnalyzerConfigOptionsProvider))
            {
                end.ReportDiagnostic(s_rule.At(RuleLevel.Warning, Location.None, properties: null, key, problem));
            }
        });

    private static IEnumerable<(string Key, string Problem)> Problems(Compilation compilation, AnalyzerConfigOptionsProvider provider)
    {
        // Files may differ in their settings; a setting that they share is told once.
        var problems = new SortedSet<(string, string)>();
        var seen = new HashSet<AnalyzerConfigOptions>();
        foreach (AnalyzerConfigOptions options in compilation.SyntaxTrees.Select(provider.GetOptions).Where(seen.Add))
        {
            problems.UnionWith(Problems(options));
        }

        if (provider.GlobalOptions.TryGetValue(PresetKey, out string? preset) && preset.Length > 0 && !s_presets.Contains(preset))
        {
            problems.Add(("GradLintPreset", $"is '{preset}', but it takes {string.Join(" or ", s_presets)}; 'default' holds"));
        }

        return problems;
    }

    private static IEnumerable<(string Key, string Problem)> Problems(AnalyzerConfigOptions options)
    {
        foreach (string key in KeysOf(options).Where(key => key.StartsWith(RuleOption.Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            RuleOption? option = RuleOptions.All.FirstOrDefault(known => string.Equals(known.Key, key, StringComparison.OrdinalIgnoreCase));
            if (option is null)
            {
                yield return (key, $"is not known{Relatives(key)}");
            }
            else if (options.TryGetValue(key, out string? value) && !option.Accepts(value))
            {
                yield return (option.Key, $"is '{value}', but it takes {option.Allowed}; the default {option.Default} holds");
            }
        }
    }

    /// <summary>The settings that the same rule has.</summary>
    private static string Relatives(string key)
    {
        string rule = key.Substring(0, Math.Max(RuleOption.Prefix.Length, key.LastIndexOf('.') + 1));
        string[] relatives = [.. RuleOptions.All.Select(option => option.Key).Where(known => rule.Length > RuleOption.Prefix.Length && known.StartsWith(rule, StringComparison.OrdinalIgnoreCase))];
        return relatives.Length == 0 ? "" : $"; the rule has '{string.Join("', '", relatives)}'";
    }

    /// <summary>Options that do not tell their keys are asked for those that exist.</summary>
    private static IEnumerable<string> KeysOf(AnalyzerConfigOptions options)
    {
        try
        {
            return options.Keys;
        }
        // What Roslyn's own base class does where a host's options do not override it.
        catch (NotImplementedException)
        {
            return RuleOptions.All.Select(option => option.Key);
        }
    }
}
