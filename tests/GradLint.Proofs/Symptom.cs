using System.Globalization;

namespace GradLint.Proofs;

/// <summary>What a program of samples/bad shows when it runs: a number, and from where on that number is sick.</summary>
/// <param name="Name">What the number is.</param>
/// <param name="Sign"><c>&gt;</c> or <c>&lt;</c>: the side of the limit that is sick.</param>
/// <param name="Limit">Where sickness begins.</param>
internal sealed record Symptom(string Name, char Sign, double Limit)
{
    /// <summary>NaN is always sick: nothing that is healthy ends in it.</summary>
    public bool IsSick(double value) => double.IsNaN(value) || (Sign == '>' ? value > Limit : value < Limit);

    /// <summary>The number in the last line of a program's output, <c>symptom: 12.5</c>.</summary>
    /// <exception cref="ProofException">There is no such line, or no number in it.</exception>
    public static double Read(string output)
    {
        const string Mark = "symptom: ";
        string last = output.TrimEnd().Split('\n')[^1].Trim();
        return last.StartsWith(Mark, StringComparison.Ordinal) && double.TryParse(last[Mark.Length..], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new ProofException($"The last line of its output is '{last}'; it must be '{Mark}' and a number.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Sign} {Limit:G6}");
}
