using System.Runtime.InteropServices;
using GradLint.Cli.CommandLine;

namespace GradLint.Cli.Studies;

/// <summary>
/// libtorch for the commands that train: the tool does not bring its 600 MB along, it takes those that are there.
/// </summary>
internal static class Libtorch
{
    private static readonly (string Package, string Library) s_here =
        RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? ("libtorch-cpu-win-x64", "torch_cpu.dll")
        : RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? ("libtorch-cpu-osx-arm64", "libtorch_cpu.dylib")
        : ("libtorch-cpu-linux-x64", "libtorch_cpu.so");

    /// <summary>Loads it, so that TorchSharp finds it in the process.</summary>
    /// <param name="folder">Where its libraries are; null to look beside the program and in the NuGet cache.</param>
    /// <exception cref="ToolException">It is not there, or does not load.</exception>
    public static void Load(string? folder)
    {
        string library = folder is null ? Find() : Path.Combine(folder, s_here.Library);
        if (!File.Exists(library))
        {
            throw new ToolException(
                $"libtorch was not found{(folder is null ? "" : $" in {folder}")}. Restore a project that references the package {s_here.Package}, or name the folder with {s_here.Library} by --libtorch.");
        }

        try
        {
            NativeLibrary.Load(Path.GetFullPath(library));
            TorchSharpLibrary.EnsureLoadable();
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new ToolException($"{library} does not load: {error.Message}");
        }
    }

    private static string Find()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, s_here.Library);
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string package = Path.Combine(cache, s_here.Package);
        return File.Exists(beside) || !Directory.Exists(package)
            ? beside
            : Directory.EnumerateFiles(package, s_here.Library, SearchOption.AllDirectories).Order(StringComparer.Ordinal).LastOrDefault(beside);
    }
}
