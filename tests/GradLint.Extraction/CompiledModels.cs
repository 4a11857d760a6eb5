using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;

namespace GradLint.Extraction;

/// <summary>The sources as a program that runs. What does not compile, such as tests of a framework that is not there, is left out, member by member.</summary>
internal static class CompiledModels
{
    private const int Rounds = 12;

    /// <summary>Writes them into a file; false where nothing compiles.</summary>
    public static bool Write(CSharpCompilation compilation, string image)
    {
        CSharpCompilation left = compilation;
        for (int round = 0; round < Rounds; round++)
        {
            using MemoryStream stream = new();
            EmitResult result = left.Emit(stream);
            if (result.Success)
            {
                File.WriteAllBytes(image, stream.ToArray());
                return true;
            }

            left = WithoutErrors(left, result);
        }

        return false;
    }

    private static CSharpCompilation WithoutErrors(CSharpCompilation compilation, EmitResult result)
    {
        foreach (IGrouping<SyntaxTree?, Diagnostic> errors in result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).GroupBy(diagnostic => diagnostic.Location.SourceTree))
        {
            if (errors.Key is { } tree)
            {
                SyntaxNode root = tree.GetRoot();
                IEnumerable<SyntaxNode> broken = errors.Select(error => Removable(root.FindNode(error.Location.SourceSpan))).OfType<SyntaxNode>().Distinct();
                SyntaxNode? kept = root.RemoveNodes(broken, SyntaxRemoveOptions.KeepUnbalancedDirectives);
                compilation = kept is null ? compilation.RemoveSyntaxTrees(tree) : compilation.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(kept, tree.Options));
            }
        }

        return compilation;
    }

    /// <summary>The smallest piece around an error that can go: a using, an attribute of a type or of the assembly, a member, and of a type only the whole.</summary>
    private static SyntaxNode? Removable(SyntaxNode error) => error.AncestorsAndSelf().FirstOrDefault(node =>
        node is UsingDirectiveSyntax or AttributeListSyntax { Parent: BaseTypeDeclarationSyntax or CompilationUnitSyntax } or (MemberDeclarationSyntax and not BaseNamespaceDeclarationSyntax));
}
