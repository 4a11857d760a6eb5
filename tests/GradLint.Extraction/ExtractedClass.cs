using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GradLint.Extraction;

/// <summary>A module class and what the analyzer reads of it.</summary>
/// <param name="Class">The class.</param>
/// <param name="Model">Its network.</param>
internal sealed record ExtractedClass(INamedTypeSymbol Class, NetworkModel Model)
{
    /// <summary>Why the network was not read wholly; null where it was.</summary>
    public string? Reason => Model.IsWhole ? null
        : Model.Gap ?? Model.Graph!.Nodes.Select(node => node.Layer).OfType<OpaqueLayer>().First().Reason;

    /// <summary>Whether the class builds a net: of one that is read, whether layers with weights are in it; of another, whether it holds modules that could have some.</summary>
    public bool BuildsANet => Model.IsWhole
        ? Model.Graph!.Nodes.Any(node => node.Layer is WeightLayer or CompositeLayer)
        : !Throws && (Model.WeightLayerCount > 0 || Model.Root.SelfAndDescendants().OfType<ClassModule>().Any(HoldsLayers));

    private bool Throws => Reason == "it throws an exception";

    /// <summary>The file and line of the class.</summary>
    public string Place
    {
        get
        {
            FileLinePositionSpan span = Class.Locations[0].GetLineSpan();
            return $"{Path.GetFileName(span.Path)}:{span.StartLinePosition.Line + 1}";
        }
    }

    /// <summary>All module classes that the sources declare.</summary>
    public static IEnumerable<ExtractedClass> In(CSharpCompilation compilation, NetworkModels models)
    {
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            foreach (ClassDeclarationSyntax declaration in tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())
            {
                if (compilation.GetSemanticModel(tree).GetDeclaredSymbol(declaration) is { } type
                    && models.AsCreated(type, CancellationToken.None) is { } model)
                {
                    yield return new ExtractedClass(type, model);
                }
            }
        }
    }

    private static bool HoldsLayers(ClassModule module) =>
        module.Inherited is not null || module.InstanceType.GetMembers().OfType<IFieldSymbol>().Any(field => CanHoldLayers(field.Type));

    // Lists of parameters are modules, too; losses and networks that are loaded from a file have no layers that the code builds.
    private static bool CanHoldLayers(ITypeSymbol type)
    {
        if (type.Name.StartsWith("Parameter", StringComparison.Ordinal) || type.Name.EndsWith("Loss", StringComparison.Ordinal) || type.Name == "ScriptModule")
        {
            return false;
        }

        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            if (current is { Name: "Module", ContainingAssembly.Name: "TorchSharp" })
            {
                return true;
            }
        }

        return false;
    }
}
