using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Infrastructure;

/// <summary>A setting of a rule that .editorconfig can change, such as <c>gradlint.GL1001.decades = 2</c>.</summary>
internal abstract class RuleOption(string rule, string name, string defaultText, string allowed, string meaning)
{
    /// <summary>What the keys of all settings begin with.</summary>
    public const string Prefix = "gradlint.";

    public string Key { get; } = $"{Prefix}{rule}.{name}";

    /// <summary>The default, as one would write it.</summary>
    public string Default { get; } = defaultText;

    /// <summary>What values it takes, as the end of a sentence.</summary>
    public string Allowed { get; } = allowed;

    /// <summary>What it decides, as its page says it.</summary>
    public string Meaning { get; } = meaning;

    public abstract bool Accepts(string text);
}

/// <summary>A setting with its type. A value that is not allowed counts as none: GL0001 tells the user.</summary>
internal sealed class RuleOption<T>(string rule, string name, T byDefault, string allowed, Func<string, T?> parse, string meaning)
    : RuleOption(rule, name, Convert.ToString(byDefault, CultureInfo.InvariantCulture)!.ToLowerInvariant(), allowed, meaning)
    where T : struct
{
    /// <summary>Each set of options is read once; Roslyn keeps one for the files that share their settings.</summary>
    private readonly ConditionalWeakTable<AnalyzerConfigOptions, StrongBox<T>> _read = new();

    public override bool Accepts(string text) => parse(text) is not null;

    /// <summary>The value that holds in a file.</summary>
    public T In(SyntaxTree? file, AnalyzerOptions options) =>
        file is null ? byDefault : In(options.AnalyzerConfigOptionsProvider.GetOptions(file));

    public T In(AnalyzerConfigOptions options) => _read.GetValue(options, Read).Value;

    private StrongBox<T> Read(AnalyzerConfigOptions options) =>
        new(options.TryGetValue(Key, out string? text) && parse(text) is { } value ? value : byDefault);
}
