using GradLint.Cli.CommandLine;

namespace GradLint.Cli.Sources;

/// <summary>Finds out what a path on the command line stands for, and reads it.</summary>
internal static class SourceReader
{
    private static readonly EnumerationOptions s_below = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };

    /// <summary>Reads a .cs file, a folder, a project or a solution.</summary>
    /// <exception cref="ToolException">There is nothing there that could be read.</exception>
    public static async Task<SourceCode> ReadAsync(string path, Action<string> progress, CancellationToken cancellation)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            return await ReadFolderAsync(path, full, progress, cancellation);
        }

        if (!File.Exists(full))
        {
            throw new ToolException($"'{path}' does not exist.");
        }

        return Path.GetExtension(full).ToLowerInvariant() switch
        {
            ".cs" => await ReadFileAsync(full, progress, cancellation),
            ".sln" or ".slnx" or ".slnf" or ".csproj" => await ProjectFiles.ReadAsync([full], progress, cancellation),
            _ => throw new ToolException($"'{path}' is no C# file, project (.csproj) or solution (.sln, .slnx)."),
        };
    }

    /// <summary>A file of a project is read with its project, since models and training loops are spread over files; any other stands alone.</summary>
    private static async Task<SourceCode> ReadFileAsync(string file, Action<string> progress, CancellationToken cancellation)
    {
        if (ProjectAbove(file) is { } project && await ProjectFiles.TryReadWholeAsync(project, progress, cancellation) is { } code)
        {
            if (code.Solution.GetDocumentIdsWithFilePath(file).Any(document => code.Projects.Contains(document.ProjectId)))
            {
                return code with { File = file };
            }

            code.Dispose();
        }

        return await LoneFiles.ReadAsync([file], cancellation);
    }

    private static async Task<SourceCode> ReadFolderAsync(string path, string folder, Action<string> progress, CancellationToken cancellation)
    {
        string[] solutions = [.. Directory.GetFiles(folder, "*.sln").Concat(Directory.GetFiles(folder, "*.slnx")).Order(StringComparer.Ordinal)];
        if (solutions.Length > 1)
        {
            throw new ToolException($"'{path}' holds {solutions.Length} solutions: name one of {string.Join(", ", solutions.Select(Path.GetFileName))}.");
        }

        string[] projects = solutions.Length == 1 ? solutions : FilesBelow(folder, "*.csproj");
        if (projects.Length > 0)
        {
            return await ProjectFiles.ReadAsync(projects, progress, cancellation);
        }

        string[] files = FilesBelow(folder, "*.cs");
        return files.Length > 0
            ? await LoneFiles.ReadAsync(files, cancellation)
            : throw new ToolException($"'{path}' holds no C# files.");
    }

    private static string? ProjectAbove(string file)
    {
        for (string? folder = Path.GetDirectoryName(file); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.GetFiles(folder, "*.csproj") is [var project, ..])
            {
                return project;
            }

            if (Directory.Exists(Path.Combine(folder, ".git")))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>What a build writes and what starts with a dot is not the user's source.</summary>
    private static string[] FilesBelow(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(folder, pattern, s_below)
            .Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" || part.StartsWith('.')))
            .Order(StringComparer.Ordinal)];
}
