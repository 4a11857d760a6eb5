namespace GradLint.Package.Tests;

/// <summary>The repository that the tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GradLint.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"GradLint.sln is in no folder above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
