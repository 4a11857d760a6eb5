using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace GradLint.Cli.Checking;

/// <summary>A diagnostic, and the project that it was found in.</summary>
internal sealed record Finding(Diagnostic Diagnostic, ProjectId Project)
{
    public string RuleId => Diagnostic.Id;

    public string Message => Diagnostic.GetMessage();

    /// <summary>Null for what is about no place in the code, such as a setting.</summary>
    public string? File => Diagnostic.Location.SourceTree?.FilePath;

    public LinePositionSpan Lines => Diagnostic.Location.GetLineSpan().Span;

    /// <summary>The same thing said about the same place: a file may be compiled in several projects.</summary>
    public object Identity => (RuleId, File, Diagnostic.Location.SourceSpan, Message);
}
