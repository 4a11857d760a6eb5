using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Testing;

namespace GradLint.Verification;

/// <summary>What the tested source compiles against.</summary>
internal static class References
{
    public static ReferenceAssemblies Net8 { get; } =
        new("net8.0", new PackageIdentity("Microsoft.NETCore.App.Ref", "8.0.0"), Path.Combine("ref", "net8.0"));

    /// <summary>The real one.</summary>
    public static MetadataReference TorchSharp { get; } = MetadataReference.CreateFromFile(typeof(TorchSharp.torch).Assembly.Location);

    /// <summary>The runtime, for the rules and fixes that know the guard.</summary>
    public static MetadataReference GradLint { get; } = MetadataReference.CreateFromFile(typeof(GradientGuard).Assembly.Location);

    /// <summary>A library between TorchSharp and the program, whose code nobody can read.</summary>
    public static MetadataReference Compile(string assembly, string source)
    {
        ImmutableArray<MetadataReference> net8 = Net8.ResolveAsync(LanguageNames.CSharp, CancellationToken.None).GetAwaiter().GetResult();
        CSharpCompilation compilation = CSharpCompilation.Create(
            assembly, [CSharpSyntaxTree.ParseText(source)], assembly == "TorchSharp" ? net8 : [.. net8, TorchSharp], new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        var image = new MemoryStream();
        Assert.Empty(compilation.Emit(image).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        image.Position = 0;
        return MetadataReference.CreateFromStream(image);
    }
}
