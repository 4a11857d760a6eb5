using GradLint.Cli.CommandLine;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.MSBuild;

namespace GradLint.Cli.Sources;

/// <summary>
/// Projects and solutions as MSBuild understands them, with their own references, settings and generators. MSBuild is that of the user's SDK and runs in a
/// process of its own, so that the tool's .NET need not be the SDK's.
/// </summary>
internal static class ProjectFiles
{
    /// <summary>Reads projects, or a solution. One that was not restored is read against the tool's own TorchSharp, and said so.</summary>
    /// <exception cref="ToolException">They could not be loaded at all.</exception>
    public static async Task<SourceCode> ReadAsync(IReadOnlyList<string> files, Action<string> progress, CancellationToken cancellation)
    {
        SourceCode code = await OpenAsync(files, progress, cancellation);
        List<Project> unrestored = await UnrestoredAsync(code, cancellation);
        if (unrestored.Count == 0)
        {
            return code;
        }

        Solution solution = unrestored.Aggregate(code.Solution, (current, project) => WithToolReferences(current.GetProject(project.Id)!).Solution);
        string names = string.Join(", ", unrestored.Select(project => Path.GetFileName(project.FilePath)).Distinct());
        string problem = $"{names}: no TorchSharp is referenced there, or its packages are not restored. Run 'dotnet restore {files[0]}' first; "
            + $"until then the code is read against TorchSharp {ToolReferences.TorchSharpVersion}.";
        return code with { Solution = solution, Problems = [problem] };
    }

    /// <summary>Reads a project; null where it cannot be loaded or was not restored.</summary>
    public static async Task<SourceCode?> TryReadWholeAsync(string file, Action<string> progress, CancellationToken cancellation)
    {
        try
        {
            SourceCode code = await OpenAsync([file], progress, cancellation);
            if ((await UnrestoredAsync(code, cancellation)).Count == 0)
            {
                return code;
            }

            code.Dispose();
            return null;
        }
        catch (ToolException)
        {
            return null;
        }
    }

    private static async Task<SourceCode> OpenAsync(IReadOnlyList<string> files, Action<string> progress, CancellationToken cancellation)
    {
        MSBuildWorkspace workspace = MSBuildWorkspace.Create();
        var failures = new List<string>();
        try
        {
            using var registration = workspace.RegisterWorkspaceFailedHandler(failed => failures.Add(failed.Diagnostic.Message));
            var loading = new Progress(progress);
            foreach (string file in files)
            {
                await OpenAsync(workspace, file, loading, cancellation);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            workspace.Dispose();
            throw NotLoaded(files[0], error.Message);
        }

        bool isSolution = !files[0].EndsWith(".csproj", StringComparison.OrdinalIgnoreCase);
        List<ProjectId> asked =
        [
            .. workspace.CurrentSolution.Projects
                .Where(project => project.Language == LanguageNames.CSharp && project.HasDocuments && (isSolution || files.Contains(project.FilePath)))
                .OrderBy(project => project.FilePath, StringComparer.Ordinal)
                .Select(project => project.Id),
        ];
        if (asked.Count == 0)
        {
            workspace.Dispose();
            throw NotLoaded(files[0], failures.Count > 0 ? failures[0] : "it holds no C# code");
        }

        return new SourceCode(workspace, workspace.CurrentSolution, asked, File: null, Problems: []);
    }

    private static async Task OpenAsync(MSBuildWorkspace workspace, string file, Progress progress, CancellationToken cancellation)
    {
        if (!file.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase))
        {
            await workspace.OpenSolutionAsync(file, progress, cancellation);
        }
        else if (workspace.CurrentSolution.Projects.All(project => project.FilePath != file))
        {
            await workspace.OpenProjectAsync(file, progress, cancellation);
        }
    }

    private static ToolException NotLoaded(string file, string reason) =>
        new($"'{file}' could not be loaded: {reason.TrimEnd('.')}. Projects and solutions need the .NET SDK; a .cs file or a folder of them does not.");

    /// <summary>Those whose code says <c>using TorchSharp</c> while no such reference is there, and those without so much as .NET itself.</summary>
    private static async Task<List<Project>> UnrestoredAsync(SourceCode code, CancellationToken cancellation)
    {
        var unrestored = new List<Project>();
        foreach (Project project in code.Projects.Select(id => code.Solution.GetProject(id)!))
        {
            Compilation compilation = (await project.GetCompilationAsync(cancellation))!;
            bool lacks = compilation.GetSpecialType(SpecialType.System_Object).TypeKind == TypeKind.Error || TorchSharpSymbols.TryCreate(compilation) is null;
            if (lacks && compilation.SyntaxTrees.Any(tree => UsesTorchSharp(tree, cancellation)))
            {
                unrestored.Add(project);
            }
        }

        return unrestored;
    }

    private static bool UsesTorchSharp(SyntaxTree tree, CancellationToken cancellation) =>
        tree.GetCompilationUnitRoot(cancellation).Usings.Any(use => use.NamespaceOrType.ToString() is var name
            && (name == TorchSharpNames.Assembly || name.StartsWith(TorchSharpNames.Assembly + ".", StringComparison.Ordinal)));

    private static Project WithToolReferences(Project project) =>
        project.WithMetadataReferences(ToolReferences.All);

    private sealed class Progress(Action<string> show) : IProgress<ProjectLoadProgress>
    {
        public void Report(ProjectLoadProgress value) => show($"Loading {Path.GetFileName(value.FilePath)}");
    }
}
