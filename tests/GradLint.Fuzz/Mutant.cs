using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Fuzz;

/// <summary>A source in which one to three tokens were deleted, doubled or swapped.</summary>
/// <param name="Number">Which of all mutants: with the seed it decides what was done.</param>
/// <param name="Source">What it was made from.</param>
/// <param name="Tree">Its code.</param>
public sealed record Mutant(int Number, Source Source, SyntaxTree Tree)
{
    private const int MostChanges = 3;

    /// <inheritdoc/>
    public override string ToString() => $"mutant {Number} of {Source.Name}";

    /// <summary>The same mutant for the same seed, number and source, on every machine.</summary>
    public static Mutant Make(int seed, int number, Source source, SyntaxTree tree)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        for (int changes = random.Next(MostChanges); changes >= 0; changes--)
        {
            TextSpan[] tokens = [.. tree.GetRoot().DescendantTokens().Select(token => token.Span).Where(span => span.Length > 0)];
            if (tokens.Length > 1)
            {
                tree = tree.WithChangedText(tree.GetText().WithChanges(Change(random, tokens, tree.GetText())));
            }
        }

        return new Mutant(number, source, tree);
    }

    private static TextChange[] Change(Random random, TextSpan[] tokens, SourceText text)
    {
        int chosen = random.Next(tokens.Length);
        switch (random.Next(4))
        {
            case 0:
                return [new TextChange(tokens[chosen], "")];
            case 1:
                return [new TextChange(new TextSpan(tokens[chosen].End, 0), " " + text.ToString(tokens[chosen]))];
            case 2:
                return Swap(tokens, chosen, (chosen + 1) % tokens.Length, text);
            default:
                return Swap(tokens, chosen, random.Next(tokens.Length), text);
        }
    }

    private static TextChange[] Swap(TextSpan[] tokens, int one, int other, SourceText text)
    {
        TextSpan first = tokens[Math.Min(one, other)];
        TextSpan second = tokens[Math.Max(one, other)];
        return one == other ? [] : [new TextChange(first, text.ToString(second)), new TextChange(second, text.ToString(first))];
    }
}
