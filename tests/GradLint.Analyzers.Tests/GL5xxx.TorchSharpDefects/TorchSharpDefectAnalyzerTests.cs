using System.Collections.Immutable;
using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>The defects are those of the versions that are known to have them.</summary>
public sealed class TorchSharpDefectAnalyzerTests
{
    private const string Program = """
        using static TorchSharp.torch.nn;
        class C { object mish = Mish(true); object tanh = Hardtanh(); }
        """;

    [Theory]
    [InlineData("0.98.0.0", 2)]
    [InlineData("0.107.0.0", 2)]
    [InlineData("0.107.1.0", 0)]
    [InlineData("1.0.0.0", 0)]
    public async Task Rules_speak_up_to_the_version_that_was_run(string version, int expected)
    {
        ImmutableArray<Diagnostic> diagnostics = await Analyze(version);
        Assert.Equal(expected, diagnostics.Count(diagnostic => diagnostic.Id.StartsWith("GL5", StringComparison.Ordinal)));
        Assert.DoesNotContain(diagnostics, diagnostic => diagnostic.Id.StartsWith("AD", StringComparison.Ordinal));
    }

    /// <summary>A TorchSharp of that version, with as much in it as the program needs.</summary>
    private static MetadataReference TorchSharp(string version) => References.Compile("TorchSharp", $$"""
        [assembly: System.Reflection.AssemblyVersion("{{version}}")]
        namespace TorchSharp
        {
            public static class torch
            {
                public class Tensor { }
                public static class nn
                {
                    public static object Mish(bool inplace) => null;
                    public static object Hardtanh(double min_val = -1, double max_val = 1, bool inplace = false) => null;
                }
            }
        }
        """);

    private static async Task<ImmutableArray<Diagnostic>> Analyze(string version)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "program",
            [CSharpSyntaxTree.ParseText(Program, cancellationToken: cancellation)],
            [.. await References.Net8.ResolveAsync(LanguageNames.CSharp, cancellation), TorchSharp(version)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        Assert.Empty(compilation.GetDiagnostics(cancellation).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return await compilation.WithAnalyzers([.. RuleConventionTests.Analyzers]).GetAnalyzerDiagnosticsAsync(cancellation);
    }
}
