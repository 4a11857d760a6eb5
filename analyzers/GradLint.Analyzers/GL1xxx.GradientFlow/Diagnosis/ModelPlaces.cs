using System.Linq;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Rules;

/// <summary>Which code is a network's own, so that a diagnostic there is about this network and no other.</summary>
internal static class ModelPlaces
{
    /// <summary>Whether the code stands in the network's class, or in the member that builds it; a class that is built with arguments is each instance's.</summary>
    public static bool Owns(this NetworkModel model, SyntaxNode code) => model.Root.CreatedAt switch
    {
        _ when code.SyntaxTree != model.Root.CreatedAt.SyntaxTree => false,
        BaseObjectCreationExpressionSyntax => false,
        TypeDeclarationSyntax type => code.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } around && around.Identifier.ValueText == type.Identifier.ValueText,
        var creation => MemberAround(code) == MemberAround(creation),
    };

    /// <summary>The line of a location, to tell whether two are on the same.</summary>
    public static (SyntaxTree? File, int Line) LineOf(Location location) => (location.SourceTree, location.GetLineSpan().StartLinePosition.Line);

    /// <summary>The statements at the top of a program are one member.</summary>
    private static SyntaxNode? MemberAround(SyntaxNode code) =>
        code.Ancestors().FirstOrDefault(ancestor => ancestor is MemberDeclarationSyntax and not GlobalStatementSyntax || ancestor.IsKind(SyntaxKind.CompilationUnit));
}
