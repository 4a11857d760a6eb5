using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Modeling;

/// <summary>Reads the network out of C# code, as the rules do.</summary>
internal static class ReadModel
{
    private const string Usings = """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        using static TorchSharp.torch.nn;

        """;

    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "TorchSharp.dll" or "netstandard.dll" or "mscorlib.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The network of the class called Net.</summary>
    public static NetworkModel OfClass(string code, params string[] moreFiles)
    {
        Compilation compilation = Compile([code, .. moreFiles]);
        return Models(compilation).OfClass(compilation.GetTypeByMetadataName("Net")!, CancellationToken.None)!;
    }

    /// <summary>The network of a class as some code creates it.</summary>
    public static NetworkModel AsCreated(string name, string code)
    {
        Compilation compilation = Compile([code]);
        return Models(compilation).AsCreated(compilation.GetTypeByMetadataName(name)!, CancellationToken.None)!;
    }

    /// <summary>The names of all networks in the code.</summary>
    public static string[] NamesIn(string code)
    {
        Compilation compilation = Compile([code]);
        return [.. Models(compilation).In(compilation.SyntaxTrees.Single(), CancellationToken.None).Select(model => model.Name)];
    }

    /// <summary>The network of the first Sequential in a method body made of the statements.</summary>
    public static NetworkModel OfStatements(string statements)
    {
        Compilation compilation = Compile([$"class Program {{ void Run() {{ {statements} }} }}"]);
        SyntaxTree tree = compilation.SyntaxTrees.Single();
        MethodDeclarationSyntax method = tree.GetRoot().DescendantNodes().OfType<MethodDeclarationSyntax>().First();
        IOperation body = compilation.GetSemanticModel(tree).GetOperation(method)!;
        return Models(compilation).BuiltIn(body, CancellationToken.None).First();
    }

    /// <summary>The graph's text form, line by line.</summary>
    public static string[] Graph(this NetworkModel model) => model.Graph!.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The names of the graph's nodes in order, which is enough to see the structure.</summary>
    public static string Structure(this NetworkModel model) => string.Join(" ", model.Graph!.Nodes.Select(node => node.Name));

    private static CSharpCompilation Compile(IEnumerable<string> files) => CSharpCompilation.Create(
        "Test",
        files.Select(file => CSharpSyntaxTree.ParseText(Usings + file)),
        s_references,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private static NetworkModels Models(Compilation compilation) => NetworkModels.Of(compilation, TorchSharpSymbols.TryCreate(compilation)!);
}
