namespace GradLint.Cli.CommandLine;

/// <summary>Something that the user can put right: told in one line, exit code 2, no stack trace.</summary>
internal sealed class ToolException(string message) : Exception(message);
