using System.Reflection;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static TorchSharp.torch;

namespace GradLint.Extraction;

/// <summary>A model that can be made without arguments, by a constructor or a static factory.</summary>
/// <param name="Model">Its network.</param>
/// <param name="Image">The file of the compiled sources.</param>
/// <param name="Type">The full name of its class, or of the class with the factory.</param>
/// <param name="Factory">The factory; empty for a constructor.</param>
internal sealed record Candidate(NetworkModel Model, string Image, string Type, string Factory)
{
    public string Name => Factory.Length > 0 ? Factory : Model.Name;

    /// <summary>All such models of the sources.</summary>
    public static IEnumerable<Candidate> In(CSharpCompilation compilation, NetworkModels models, string image)
    {
        Assembly assembly = Assembly.LoadFrom(image);
        return compilation.SyntaxTrees.SelectMany(tree => models.In(tree, CancellationToken.None))
            .DistinctBy(model => model.Root.CreatedAt)
            .Select(model => Of(model, assembly, image))
            .OfType<Candidate>();
    }

    private static Candidate? Of(NetworkModel model, Assembly assembly, string image)
    {
        Type? type = model.Root.Type is { } symbol ? assembly.GetType(MetadataName(symbol)) : null;
        if (type is null || !typeof(nn.Module<Tensor, Tensor>).IsAssignableFrom(type))
        {
            return null;
        }

        if (model.Root.CreatedAt.FirstAncestorOrSelf<MethodDeclarationSyntax>()?.Identifier.ValueText is { } factory
            && assembly.GetTypes().FirstOrDefault(owner => Makers.Factory(owner, factory) is { } method && type.IsAssignableTo(method.ReturnType)) is { } owner)
        {
            return new Candidate(model, image, owner.FullName!, factory);
        }

        // A class is read as somebody creates it; by itself it is that network only where it needs no arguments.
        bool isByItself = model.Root is ClassModule { ConstructorArguments: var given } && given.Values.All(value => value is UnknownValue || value is ConstantValue);
        return model.Root.CreatedAt is TypeDeclarationSyntax && isByItself && Makers.Constructor(type) is not null ? new Candidate(model, image, type.FullName!, string.Empty) : null;
    }

    private static string MetadataName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? $"{MetadataName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.MetadataName}" : type.MetadataName;
}
