using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using TorchSharp;

namespace GradLint.Cli.Sources;

/// <summary>What code without a project of its own is compiled against: the running .NET, and the TorchSharp and GradLint that the tool brings along.</summary>
internal static class ToolReferences
{
    private static readonly Lazy<IReadOnlyList<MetadataReference>> s_all = new(Load);

    public static IReadOnlyList<MetadataReference> All => s_all.Value;

    public static string TorchSharpVersion => typeof(torch).Assembly.GetName().Version!.ToString(3);

    private static List<MetadataReference> Load()
    {
        string framework = Path.GetFullPath(RuntimeEnvironment.GetRuntimeDirectory());
        IEnumerable<string> platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.StartsWith(framework, StringComparison.Ordinal));
        string[] libraries = [typeof(torch).Assembly.Location, typeof(GradientGuard).Assembly.Location, typeof(SignalPropagation.NetworkGraph).Assembly.Location];
        return [.. platform.Concat(libraries).Select(path => MetadataReference.CreateFromFile(path))];
    }
}
