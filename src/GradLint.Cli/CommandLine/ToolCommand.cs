using System.CommandLine;

namespace GradLint.Cli.CommandLine;

/// <summary>A command with examples for its help text.</summary>
internal sealed class ToolCommand(string name, string description, params ToolExample[] examples) : Command(name, description)
{
    public IReadOnlyList<ToolExample> Examples { get; } = examples;
}

/// <param name="Line">What to type.</param>
/// <param name="Meaning">What that does, in a few words.</param>
internal readonly record struct ToolExample(string Line, string Meaning);
