using GradLint.Cli.Sources;
using GradLint.Infrastructure;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace GradLint.Cli.Flow;

/// <summary>All networks in a project: module classes, and what methods, fields and top-level statements build from TorchSharp's own modules.</summary>
internal sealed class ModelFinder(CompiledProject project, SourceCode code, CancellationToken cancellation)
{
    private readonly SourceModels _source = SourceModels.Of(project.Compilation);
    private readonly NetworkModels _models = NetworkModels.Of(project.Compilation, project.TorchSharp);

    /// <summary>The networks, each once.</summary>
    public IReadOnlyList<NetworkModel> Find()
    {
        List<SyntaxNode> nodes = [.. project.Compilation.SyntaxTrees.Where(code.Covers).SelectMany(tree => tree.GetRoot(cancellation).DescendantNodesAndSelf())];
        List<NetworkModel> built = [.. nodes.Where(IsBody).SelectMany(BuiltIn)];
        IEnumerable<NetworkModel> classes = nodes.OfType<TypeDeclarationSyntax>().Select(OfClass).OfType<NetworkModel>();

        // A class whose sizes are parameters is a network only once it is created; then what is created says more than the class.
        return
        [
            .. classes.Where(type => type.Growth is not null || !built.Exists(instance => IsSameClass(instance, type) && instance.Growth is not null))
                .Concat(built.Where(instance => instance.Root is not ClassModule { Type: { } type } || _models.OfClass(type, cancellation) is { Growth: null } && instance.Growth is not null))
                .DistinctBy(model => model.Location),
        ];
    }

    private static bool IsSameClass(NetworkModel one, NetworkModel other) => SymbolEqualityComparer.Default.Equals(one.Root.Type, other.Root.Type);

    private NetworkModel? OfClass(TypeDeclarationSyntax declaration) =>
        _source.SymbolAt(declaration, cancellation) is INamedTypeSymbol type ? _models.OfClass(type, cancellation) : null;

    private IEnumerable<NetworkModel> BuiltIn(SyntaxNode body) =>
        !IsPartOfModule(body) && _source.OperationAt(body, cancellation) is { } operation && operation.DescendantsAndSelf().Any(CreatesModule)
            ? _models.BuiltIn(operation, cancellation)
            : [];

    private static bool IsBody(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax { Body: not null } or BaseMethodDeclarationSyntax { ExpressionBody: not null } => true,
        AccessorDeclarationSyntax { Body: not null } or AccessorDeclarationSyntax { ExpressionBody: not null } => true,
        ArrowExpressionClauseSyntax { Parent: BasePropertyDeclarationSyntax } => true,
        EqualsValueClauseSyntax { Parent: PropertyDeclarationSyntax or VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } } => true,
        CompilationUnitSyntax unit => unit.Members.Any(member => member is GlobalStatementSyntax),
        _ => false,
    };

    private bool IsPartOfModule(SyntaxNode body) =>
        body.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } declaration
        && _source.SymbolAt(declaration, cancellation) is INamedTypeSymbol type && project.TorchSharp.IsModule(type);

    private bool CreatesModule(IOperation operation) => operation switch
    {
        IInvocationOperation call => TorchSharpSymbols.IsMethodOf(call.TargetMethod, project.TorchSharp.Nn, "Sequential"),
        IObjectCreationOperation creation => project.TorchSharp.IsModule(creation.Type),
        _ => false,
    };
}
