using System.Runtime.CompilerServices;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;

namespace GradLint.Cli.Sources;

/// <summary>The code that a path on the command line stands for.</summary>
/// <param name="Workspace">Holds the code; closing it ends what helped to read it.</param>
/// <param name="Solution">All projects that were read.</param>
/// <param name="Projects">Those that were asked for; the others are only referenced by them.</param>
/// <param name="File">The one file that was asked for, where it is a file of a project; null for all.</param>
/// <param name="Problems">What kept some of the code from being read, in words for the user.</param>
internal sealed record SourceCode(
    Workspace Workspace, Solution Solution, IReadOnlyList<ProjectId> Projects, string? File, IReadOnlyList<string> Problems) : IDisposable
{
    /// <summary>The projects to look at that use TorchSharp, compiled one after the other.</summary>
    public async IAsyncEnumerable<CompiledProject> CompileAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (ProjectId id in Projects)
        {
            Project project = Solution.GetProject(id)!;
            Compilation compilation = (await project.GetCompilationAsync(cancellation))!;
            if (TorchSharpSymbols.TryCreate(compilation) is { } torchSharp)
            {
                yield return new CompiledProject(project, compilation, torchSharp);
            }
        }
    }

    /// <summary>Whether the file is part of what was asked for.</summary>
    public bool Covers(SyntaxTree tree) => File is null || string.Equals(tree.FilePath, File, StringComparison.Ordinal);

    public void Dispose() => Workspace.Dispose();
}

/// <summary>A project that uses TorchSharp, and what the compiler makes of it.</summary>
internal sealed record CompiledProject(Project Project, Compilation Compilation, TorchSharpSymbols TorchSharp);
