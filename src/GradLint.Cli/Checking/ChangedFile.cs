using System.Text;
using GradLint.Cli.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Cli.Checking;

/// <summary>A file before and after the fixes.</summary>
internal sealed record ChangedFile(string Path, SourceText Before, SourceText After)
{
    private static readonly UTF8Encoding s_plainUtf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static async Task<IReadOnlyList<ChangedFile>> BetweenAsync(SourceCode before, SourceCode after, CancellationToken cancellation)
    {
        var files = new List<ChangedFile>();
        foreach (DocumentId id in after.Solution.GetChanges(before.Solution).GetProjectChanges().SelectMany(changes => changes.GetChangedDocuments()))
        {
            Document document = before.Solution.GetDocument(id)!;
            SourceText old = await document.GetTextAsync(cancellation);
            SourceText changed = await after.Solution.GetDocument(id)!.GetTextAsync(cancellation);
            if (document.FilePath is { } path && !old.ContentEquals(changed))
            {
                files.Add(new ChangedFile(path, old, changed));
            }
        }

        return [.. files.DistinctBy(file => file.Path).OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    /// <summary>Writes the file in the encoding that it had.</summary>
    public void Write()
    {
        using var writer = new StreamWriter(Path, append: false, Before.Encoding ?? s_plainUtf8);
        After.Write(writer);
    }
}
