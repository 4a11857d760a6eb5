namespace GradLint.Proofs;

/// <summary>Where the programs lie: samples/bad of the repository that this was built in.</summary>
internal static class BadPrograms
{
    public static string Folder { get; } = Path.Combine(Root(), "samples", "bad");

    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "GradLint.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"GradLint.sln is in no folder above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
