using Microsoft.CodeAnalysis;

namespace GradLint.EditorLatency;

/// <summary>What the code in the editor compiles against: the framework and TorchSharp.</summary>
internal static class References
{
    public static MetadataReference[] All { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "TorchSharp.dll" or "netstandard.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];
}
