using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Extraction;

/// <summary>Sources, compiled against the TorchSharp that this program runs with. Errors are tolerated: other packages are missing.</summary>
internal static class Sources
{
    /// <summary>Compiles a folder, or several joined by '+'; what a build left in 'obj' is no source.</summary>
    public static CSharpCompilation Compile(string folders) =>
        Compile(Path.GetFileName(Path.GetFullPath(folders.Split('+')[0])), [.. folders.Split('+').SelectMany(Below)]);

    /// <summary>Compiles files: to a program where one of them has top-level statements.</summary>
    public static CSharpCompilation Compile(string name, IReadOnlyList<string> files)
    {
        CSharpParseOptions options = new(LanguageVersion.Preview, preprocessorSymbols: ["NET", "NET8_0_OR_GREATER", "NET6_0_OR_GREATER"]);
        SyntaxTree[] trees =
        [
            .. files.Order(StringComparer.Ordinal).Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file)),
            CSharpSyntaxTree.ParseText(ImplicitUsings, options, "ImplicitUsings.cs"),
        ];
        OutputKind output = trees.Any(HasTopLevelStatements) ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        return CSharpCompilation.Create(
            name, trees, References, new CSharpCompilationOptions(output, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Annotations));
    }

    /// <summary>The sources below a folder.</summary>
    public static IEnumerable<string> Below(string folder)
    {
        string built = $"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}";
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains(built, StringComparison.Ordinal));
    }

    private static bool HasTopLevelStatements(SyntaxTree tree) => tree.GetCompilationUnitRoot().Members.Any(member => member is GlobalStatementSyntax);

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
