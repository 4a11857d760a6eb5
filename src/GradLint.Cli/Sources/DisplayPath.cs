using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Cli.Sources;

/// <summary>Paths as the user gave theirs: relative to the current folder, or full.</summary>
internal sealed class DisplayPath(string given)
{
    private readonly bool _isFull = Path.IsPathRooted(given);

    public string Of(string file) => _isFull ? Path.GetFullPath(file) : Path.GetRelativePath(Environment.CurrentDirectory, Path.GetFullPath(file));

    /// <summary>file(line,column), as compilers write it.</summary>
    public string Of(Location location)
    {
        LinePosition start = location.GetLineSpan().StartLinePosition;
        return $"{Of(location.SourceTree!.FilePath)}({start.Line + 1},{start.Character + 1})";
    }
}
