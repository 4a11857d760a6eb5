using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace GradLint;

/// <summary>
/// Lets TorchSharp's native library load on Linux systems whose C++ runtime is older than the one it was built with
/// (Debian 12, Ubuntu 22.04, RHEL 9).
/// </summary>
/// <remarks>
/// TorchSharp 0.107.0 was linked against GCC 13's libstdc++ and asks for <c>GLIBCXX_3.4.32</c>, for the sake of one symbol:
/// the initializer of the standard streams, which libtorch has run by then. Where the regular load fails, and only there, a
/// copy without that request is loaded instead; the file itself is never touched.
/// This can go when TorchSharp is built against an older libstdc++, or when those systems are out of use.
/// </remarks>
public static class TorchSharpLibrary
{
    private const string LibraryName = "LibTorchSharp";
    private const string VersionAskedFor = "GLIBCXX_3.4.32";
    private const string SymbolOfThatVersion = "_ZSt21ios_base_library_initv";
    private const string HarmlessFunction = "getpid";

    // In the order in which they need each other: once they are loaded, TorchSharp's library finds them by name.
    private static readonly string[] s_libtorch = OperatingSystem.IsWindows() ? ["c10.dll", "torch_cpu.dll", "torch.dll"]
        : OperatingSystem.IsMacOS() ? ["libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib"]
        : ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private static string? s_libtorchFolder;
    private static readonly Lazy<bool> s_attached = new(Attach);
    private static readonly Lazy<nint> s_relaxedCopy = new(LoadRelaxedCopyOrExplain);

    /// <summary>
    /// Makes sure that the native library can be loaded when TorchSharp asks for it. Programs built with the GradLint
    /// package call it by themselves as they start; calling it again does nothing.
    /// </summary>
    public static void EnsureLoadable() => _ = s_attached.Value;

    /// <summary>
    /// Loads libtorch from a folder, for a program that brings none along, such as a plug-in or a tool. To be called before anything else
    /// of TorchSharp is used; it must be the version that TorchSharp was built with, 2.10.0 for TorchSharp 0.107.0.
    /// </summary>
    /// <param name="folder">The folder of libtorch's shared libraries.</param>
    /// <exception cref="DllNotFoundException">One of them is not there, or what it needs is not; the message names it.</exception>
    /// <exception cref="BadImageFormatException">One of them is made for another kind of machine.</exception>
    public static void LoadLibtorch(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = Path.GetFullPath(folder);
        foreach (string library in s_libtorch)
        {
            _ = NativeLibrary.Load(Find(library, [folder])
                ?? throw new DllNotFoundException($"{library} is not in {folder}, which therefore holds no whole libtorch."));
        }

        s_libtorchFolder = folder;
        EnsureLoadable();
    }

    private static bool Attach()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        // Raised only after the regular search has failed: where TorchSharp loads, none of this runs.
        Assembly torchSharp = typeof(torch).Assembly;
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(torchSharp) ?? AssemblyLoadContext.Default;
        context.ResolvingUnmanagedDll += (_, name) => name == LibraryName ? s_relaxedCopy.Value : 0;
        return true;
    }

    private static nint LoadRelaxedCopyOrExplain()
    {
        try
        {
            return LoadRelaxedCopy(NativeSearchFolders());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or BadImageFormatException or DllNotFoundException)
        {
            // TorchSharp swallows what its loader throws, and prints its own guess: so the cause is told here, once.
            Console.Error.WriteLine($"GradLint: TorchSharp's native library cannot be loaded. {error.Message}");
            return 0;
        }
    }

    internal static nint LoadRelaxedCopy(IReadOnlyList<string> folders)
    {
        string library = Find("libLibTorchSharp.so", folders)
            ?? throw new DllNotFoundException(
                $"libLibTorchSharp.so is in none of {string.Join(", ", folders)}; is the package TorchSharp restored for linux-x64?");

        // The copy lies elsewhere, so its own search path does not lead to libtorch: loaded first, it is found by name.
        foreach (string dependency in s_libtorch)
        {
            string path = Find(dependency, folders)
                ?? throw new DllNotFoundException(
                    $"{dependency} is in none of {string.Join(", ", folders)}; add a libtorch package, "
                    + $"such as libtorch-cpu-linux-x64 {torch.NormalizeNuGetVersion(torch.__version__)}.");
            NativeLibrary.Load(path);
        }

        byte[] image = File.ReadAllBytes(library);
        if (!ElfImage.TryDropVersionNeed(image, VersionAskedFor, SymbolOfThatVersion, HarmlessFunction))
        {
            // Nothing to mend: load it once more, so that the system's own reason reaches the user.
            return NativeLibrary.Load(library);
        }

        return LoadAndDelete(image);
    }

    private static nint LoadAndDelete(byte[] image)
    {
        string copy = Path.Combine(Path.GetTempPath(), $"libLibTorchSharp-{Guid.NewGuid():N}.so");
        try
        {
            File.WriteAllBytes(copy, image);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            // Linux keeps a mapped file's contents after its name is gone: nothing stays behind, whatever happens next.
            File.Delete(copy);
        }
    }

    private static IReadOnlyList<string> NativeSearchFolders()
    {
        string probing = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string besideTorchSharp = Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        return [.. s_libtorchFolder is { } named ? [named] : (string[])[], .. probing.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
            Path.Combine(besideTorchSharp, "runtimes", "linux-x64", "native"), besideTorchSharp];
    }

    private static string? Find(string file, IReadOnlyList<string> folders) =>
        folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
}
