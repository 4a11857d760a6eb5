namespace GradLint.Cli.Sources;

/// <summary>The settings that hold for files without a project: .editorconfig and .globalconfig in their folders and those above.</summary>
internal static class EditorConfigs
{
    public static IEnumerable<string> For(IEnumerable<string> files) =>
        files.Select(Path.GetDirectoryName).OfType<string>().SelectMany(SelfAndAbove).Distinct()
            .SelectMany(folder => new[] { Path.Combine(folder, ".editorconfig"), Path.Combine(folder, ".globalconfig") })
            .Where(File.Exists);

    private static IEnumerable<string> SelfAndAbove(string folder)
    {
        for (string? current = folder; current is not null; current = Path.GetDirectoryName(current))
        {
            yield return current;
        }
    }
}
