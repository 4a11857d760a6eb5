namespace GradLint;

/// <summary>The repository that a test program was built in, for those that say <c>ReadsRepository</c> in their project.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathTo(string file) => Path.Combine(Root, file);

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
