using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using GradLint.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Modeling;

/// <summary>The bodies of methods, constructors and initializers, wherever in the compilation they are declared.</summary>
internal sealed class DeclaredBodies(SourceModels source)
{
    /// <summary>The body of a method, accessor or local function; for a constructor with its call of another constructor.</summary>
    public IOperation? Of(IMethodSymbol method, CancellationToken cancellation) =>
        DeclarationOf(method, cancellation) is { } declaration ? OperationOf(declaration, cancellation) : null;

    /// <summary>The value that a field or automatic property starts with; null where it has no initializer.</summary>
    public IOperation? InitializerOf(ISymbol member, CancellationToken cancellation)
    {
        EqualsValueClauseSyntax? initializer = DeclarationOf(member, cancellation) switch
        {
            VariableDeclaratorSyntax field => field.Initializer,
            PropertyDeclarationSyntax property => property.Initializer,
            _ => null,
        };
        return initializer is null ? null : (OperationOf(initializer, cancellation) as ISymbolInitializerOperation)?.Value;
    }

    /// <summary>The getter of a property that computes its value; null for an automatic one.</summary>
    public IOperation? GetterOf(IPropertySymbol property, CancellationToken cancellation) =>
        property.GetMethod is { } getter && DeclarationOf(getter, cancellation) is { } declaration
        && declaration is AccessorDeclarationSyntax { Body: not null } or AccessorDeclarationSyntax { ExpressionBody: not null } or ArrowExpressionClauseSyntax
            ? OperationOf(declaration, cancellation)
            : null;

    /// <summary>Whether a declaration of the method, field or property nests too deep to be read.</summary>
    public static bool NestTooDeep(ISymbol symbol, CancellationToken cancellation) =>
        symbol.DeclaringSyntaxReferences.Any(reference => SourceModels.NestsTooDeep(reference.GetSyntax(cancellation), cancellation));

    /// <summary>Whether nothing but its initializer gives the static field its value.</summary>
    public bool IsConstant(IFieldSymbol field, CancellationToken cancellation) => field.IsReadOnly || _constants.GetOrAdd(
        field.OriginalDefinition,
        _ => source.Names.Files(cancellation).All(file => file.AssignmentsTo(field.Name).All(assigned => assigned.Target is VariableDeclaratorSyntax)));

    private readonly ConcurrentDictionary<ISymbol, bool> _constants = new(SymbolEqualityComparer.Default);

    public IOperation? OperationOf(SyntaxNode syntax, CancellationToken cancellation) => source.OperationAt(syntax, cancellation);

    private static SyntaxNode? DeclarationOf(ISymbol symbol, CancellationToken cancellation) =>
        symbol.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax(cancellation)).FirstOrDefault(HasBody);

    /// <summary>Of a partial method only one part has the body.</summary>
    private static bool HasBody(SyntaxNode declaration) =>
        declaration is not MethodDeclarationSyntax { Body: null, ExpressionBody: null };
}
