using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Emit;

namespace GradLint.Extraction;

/// <summary>The sources as a program that runs. What does not compile, such as tests of a framework that is not there, is left out, member by member.</summary>
internal static class CompiledModels
{
    private const int Rounds = 12;

    public static Assembly? Load(CSharpCompilation compilation)
    {
        CSharpCompilation left = compilation;
        for (int round = 0; round < Rounds; round++)
        {
            using MemoryStream image = new();
            EmitResult result = left.Emit(image);
            if (result.Success)
            {
                image.Position = 0;
                return new AssemblyLoadContext(compilation.AssemblyName).LoadFromStream(image);
            }

            left = WithoutErrors(left, result);
        }

        return null;
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

    /// <summary>The smallest piece around an error that can go: a using, an attribute of a type, a member, and of a type only the whole.</summary>
    private static SyntaxNode? Removable(SyntaxNode error) => error.AncestorsAndSelf().FirstOrDefault(node =>
        node is UsingDirectiveSyntax or AttributeListSyntax { Parent: BaseTypeDeclarationSyntax } or (MemberDeclarationSyntax and not BaseNamespaceDeclarationSyntax));
}
