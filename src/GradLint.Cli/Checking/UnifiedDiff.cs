using DiffPlex;
using DiffPlex.Chunkers;
using DiffPlex.Model;

namespace GradLint.Cli.Checking;

/// <summary>The difference of two texts as <c>diff -u</c> writes it and <c>git apply</c> reads it.</summary>
internal static class UnifiedDiff
{
    private const int Context = 3;
    private const string NoNewline = "\\ No newline at end of file";

    /// <summary>The difference; empty where there is none.</summary>
    /// <param name="path">The file's path in the headings, with / between its parts.</param>
    /// <param name="before">The old text.</param>
    /// <param name="after">The new text.</param>
    public static string Of(string path, string before, string after)
    {
        // Pieces end with their line break, so that a change of line breaks shows, too.
        DiffResult diff = Differ.Instance.CreateDiffs(before, after, ignoreWhiteSpace: false, ignoreCase: false, LineEndingsPreservingChunker.Instance);
        if (diff.DiffBlocks.Count == 0)
        {
            return "";
        }

        var text = new StringWriter { NewLine = "\n" };
        text.WriteLine($"--- a/{path}");
        text.WriteLine($"+++ b/{path}");
        foreach (List<DiffBlock> hunk in Hunks(diff.DiffBlocks))
        {
            Write(hunk, diff, text);
        }

        return text.ToString();
    }

    /// <summary>Changes whose surroundings touch are told together.</summary>
    private static IEnumerable<List<DiffBlock>> Hunks(IEnumerable<DiffBlock> blocks)
    {
        var hunk = new List<DiffBlock>();
        foreach (DiffBlock block in blocks)
        {
            if (hunk.Count > 0 && block.DeleteStartA - End(hunk[^1]) > 2 * Context)
            {
                yield return hunk;
                hunk = [];
            }

            hunk.Add(block);
        }

        yield return hunk;
    }

    private static int End(DiffBlock block) => block.DeleteStartA + block.DeleteCountA;

    private static void Write(List<DiffBlock> hunk, DiffResult diff, TextWriter text)
    {
        int first = Math.Max(0, hunk[0].DeleteStartA - Context);
        int last = Math.Min(diff.PiecesOld.Count, End(hunk[^1]) + Context);
        int firstNew = hunk[0].InsertStartB - (hunk[0].DeleteStartA - first);
        int added = hunk.Sum(block => block.InsertCountB - block.DeleteCountA);
        text.WriteLine($"@@ -{Range(first, last - first)} +{Range(firstNew, last - first + added)} @@");
        int line = first;
        foreach (DiffBlock block in hunk)
        {
            WriteLines(' ', diff.PiecesOld, line, block.DeleteStartA, text);
            WriteLines('-', diff.PiecesOld, block.DeleteStartA, End(block), text);
            WriteLines('+', diff.PiecesNew, block.InsertStartB, block.InsertStartB + block.InsertCountB, text);
            line = End(block);
        }

        WriteLines(' ', diff.PiecesOld, line, last, text);
    }

    /// <summary>Lines count from 1; an empty range is named by the line before it.</summary>
    private static string Range(int start, int count) => count == 1 ? $"{start + 1}" : $"{(count == 0 ? start : start + 1)},{count}";

    private static void WriteLines(char mark, IReadOnlyList<string> lines, int from, int to, TextWriter text)
    {
        foreach (string line in lines.Take(from..to))
        {
            text.Write(mark);
            if (line.EndsWith('\n'))
            {
                text.Write(line);
            }
            else
            {
                text.WriteLine(line);
                text.WriteLine(NoNewline);
            }
        }
    }
}
