using System.Reflection;
using System.Runtime.CompilerServices;
using GradLint.Cli.CommandLine;
using TorchSharp;

namespace GradLint.Cli.Studies;

/// <summary>
/// libtorch for the commands that train: the tool does not bring its 600 MB along, it takes those that are there.
/// </summary>
internal static class Libtorch
{
    private static readonly (string Package, string Runtime, string Library) s_here =
        OperatingSystem.IsWindows() ? ("libtorch-cpu-win-x64", "win-x64", "torch_cpu.dll")
        : OperatingSystem.IsMacOS() ? ("libtorch-cpu-osx-arm64", "osx-arm64", "libtorch_cpu.dylib")
        : ("libtorch-cpu-linux-x64", "linux-x64", "libtorch_cpu.so");

    /// <summary>The one that the tool's TorchSharp was built with: it runs with no other.</summary>
    private static string Version { get; } = typeof(Libtorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "LibTorchVersion").Value!;

    /// <summary>Loads it, and TorchSharp with it.</summary>
    /// <param name="folder">Where its libraries are; null for the package in the NuGet cache.</param>
    /// <exception cref="ToolException">It is not there, or does not load.</exception>
    public static void Load(string? folder)
    {
        string from = folder ?? PackageFolder;
        if (!File.Exists(Path.Combine(from, s_here.Library)))
        {
            throw new ToolException(
                $"libtorch {Version} was not found: there is no {s_here.Library} in {from}. "
                + $"Restore a project that references the package {s_here.Package} {Version}, or name the folder by --libtorch.");
        }

        try
        {
            TorchSharpLibrary.LoadLibtorch(from);
            RuntimeHelpers.RunClassConstructor(typeof(torch).TypeHandle);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new ToolException($"libtorch in {from} does not load: {error.Message}");
        }
        catch (TypeInitializationException error)
        {
            throw new ToolException(
                $"TorchSharp does not run with the libtorch in {from}; it needs version {Version}. {error.InnerException?.Message.Split('\n')[0]}");
        }
    }

    private static string PackageFolder
    {
        get
        {
            string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
                ? named
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return Path.Combine(cache, s_here.Package, Version, "runtimes", s_here.Runtime, "native");
        }
    }
}
