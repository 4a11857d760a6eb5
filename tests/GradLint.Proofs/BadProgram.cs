using System.Globalization;
using System.Text.RegularExpressions;

namespace GradLint.Proofs;

/// <summary>A program of samples/bad: the one rule that speaks on it, and the symptom that it shows when it runs.</summary>
/// <param name="Path">The file.</param>
/// <param name="Text">Its source.</param>
/// <param name="RuleId">The rule, such as <c>GL3001</c>.</param>
/// <param name="Symptom">What is measured.</param>
internal sealed partial record BadProgram(string Path, string Text, string RuleId, Symptom Symptom)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>All of them, in the order of the rules.</summary>
    public static IReadOnlyList<BadProgram> In(string folder) =>
        [.. Directory.GetFiles(folder, "GL*.cs").Order(StringComparer.Ordinal).Select(Read)];

    /// <exception cref="ProofException">The three lines at the head of the file are not there.</exception>
    public static BadProgram Read(string path)
    {
        string text = File.ReadAllText(path);
        Match head = Head().Match(text);
        if (!head.Success)
        {
            throw new ProofException($"{path} does not begin with '// expects: GLxxxx', '// symptom: what is measured' and '// sick: > 10' (or '< 10').");
        }

        var symptom = new Symptom(
            head.Groups["symptom"].Value.Trim(),
            head.Groups["sign"].Value[0],
            double.Parse(head.Groups["limit"].Value, NumberStyles.Float, CultureInfo.InvariantCulture));
        return new BadProgram(path, text, head.Groups["id"].Value, symptom);
    }

    [GeneratedRegex(@"\A// expects: (?<id>GL\d{4})\s*\n// symptom: (?<symptom>[^\n]+)\n// sick: (?<sign>[<>]) (?<limit>[-+.0-9eE]+)")]
    private static partial Regex Head();
}
