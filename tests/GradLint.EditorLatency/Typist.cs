using Microsoft.CodeAnalysis.Text;

namespace GradLint.EditorLatency;

/// <summary>
/// What somebody types into a model class: statements in forward, initializers in the constructor, fields, character by character, through all the states in which
/// the code does not compile; and each is deleted again, so that the file stays as long as it is.
/// </summary>
internal static class Typist
{
    private static readonly (string Before, string Text)[] s_phrases =
    [
        ("        return x;", "        x = functional.relu(x * 0.5f);\n"),
        ("        RegisterComponents();", "        init.normal_(extra.weight, 0, 0.02);\n"),
        ("    public Long()", "    private readonly Linear extra = Linear(64, 64);\n"),
    ];

    /// <summary>So many changes, each to the text that the ones before leave.</summary>
    public static IEnumerable<TextChange> Changes(string text, int count)
    {
        for (int phrase = 0, made = 0; ; phrase++)
        {
            (string before, string typed) = s_phrases[phrase % s_phrases.Length];
            int start = text.IndexOf(before, StringComparison.Ordinal);
            for (int i = 0; i < typed.Length; i++)
            {
                if (made++ == count)
                {
                    yield break;
                }

                yield return new TextChange(new TextSpan(start + i, 0), typed[i].ToString());
            }

            if (made++ == count)
            {
                yield break;
            }

            yield return new TextChange(new TextSpan(start, typed.Length), "");
        }
    }
}
