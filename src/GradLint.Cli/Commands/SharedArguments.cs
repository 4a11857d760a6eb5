using System.CommandLine;

namespace GradLint.Cli.Commands;

/// <summary>What several commands take.</summary>
internal static class SharedArguments
{
    public static Argument<string> Path() => new("PATH")
    {
        Description = "A C# file, a folder, a project (.csproj) or a solution (.sln, .slnx)",
    };
}
