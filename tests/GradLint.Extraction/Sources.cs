using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace GradLint.Extraction;

/// <summary>Sources, compiled against the TorchSharp that this program runs with. Errors are tolerated: other packages are missing.</summary>
internal static class Sources
{
    /// <summary>Compiles a folder, or several joined by '+'; what a build left in 'obj' is no source.</summary>
    public static CSharpCompilation Compile(string folders)
    {
        string built = $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}";
        CSharpParseOptions options = new(LanguageVersion.Preview, preprocessorSymbols: ["NET", "NET8_0_OR_GREATER", "NET6_0_OR_GREATER"]);
        IEnumerable<SyntaxTree> trees = folders.Split('+')
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains(built, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))
            .Append(CSharpSyntaxTree.ParseText(ImplicitUsings, options, "ImplicitUsings.cs"));
        return CSharpCompilation.Create(
            Path.GetFileName(Path.GetFullPath(folders.Split('+')[0])),
            trees,
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Annotations));
    }

    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];
}
