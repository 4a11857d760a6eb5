namespace GradLint.Tests;

/// <summary>The folder with the native libraries that belong to this program.</summary>
internal static class NativeFolder
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");

    /// <summary>The path of a library; the test is skipped where the packages for Linux are not there.</summary>
    public static string File(string name)
    {
        string path = System.IO.Path.Combine(Path, name);
        Assert.SkipUnless(System.IO.File.Exists(path), $"{name} comes with the packages for Linux only.");
        return path;
    }
}
