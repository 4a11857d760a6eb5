using System.Formats.Tar;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;

namespace GradLint.Report.Tests;

/// <summary>Where there is a Chromium: the variable GRADLINT_BROWSER, an installed one, or the npm package's, which is unpacked once.</summary>
internal static class BrowserFiles
{
    private static readonly string[] s_installed = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    private static readonly Lazy<(string? Program, string? Folder)> s_found = new(Find);

    /// <summary>The program; null if there is none.</summary>
    public static string? Program => s_found.Value.Program;

    /// <summary>The folder of an unpacked one, whose libraries and fonts it needs; null for one that is installed.</summary>
    public static string? Folder => s_found.Value.Folder;

    private static (string?, string?) Find()
    {
        if (Environment.GetEnvironmentVariable("GRADLINT_BROWSER") is { Length: > 0 } named)
        {
            return (named, null);
        }

        string package = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "BrowserPackage").Value!;
        if (RuntimeInformation.OSArchitecture == Architecture.X64 && File.Exists(Path.Combine(package, "chromium.br")))
        {
            string folder = Unpack(package);
            return (Path.Combine(folder, "chromium"), folder);
        }

        IEnumerable<string> onPath =
            from directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            from name in s_installed
            select Path.Combine(directory, name);
        return (onPath.FirstOrDefault(File.Exists), null);
    }

    private static string Unpack(string package)
    {
        string folder = Path.Combine(package, "unpacked");
        string done = Path.Combine(folder, "fonts.conf");
        if (File.Exists(done))
        {
            return folder;
        }

        Directory.CreateDirectory(folder);
        foreach (string archive in (string[])["al2023.tar", "fonts.tar", "swiftshader.tar"])
        {
            using var tar = new BrotliStream(File.OpenRead(Path.Combine(package, archive + ".br")), CompressionMode.Decompress);
            TarFile.ExtractToDirectory(tar, folder, overwriteFiles: true);
        }

        string program = Path.Combine(folder, "chromium");
        using (var packed = new BrotliStream(File.OpenRead(Path.Combine(package, "chromium.br")), CompressionMode.Decompress))
        using (FileStream file = File.Create(program))
        {
            packed.CopyTo(file);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.WriteAllText(
            done,
            $"""
            <?xml version="1.0"?>
            <!DOCTYPE fontconfig SYSTEM "fonts.dtd">
            <fontconfig><dir>{Path.Combine(folder, "fonts")}</dir><cachedir>{Path.Combine(folder, "fonts-cache")}</cachedir></fontconfig>
            """);
        return folder;
    }
}
