using GradLint.Cli.Sources;
using GradLint.Modeling;
using Microsoft.CodeAnalysis;

namespace GradLint.Cli.Flow;

/// <summary>All networks that were asked for: module classes, and what methods, fields and top-level statements build from TorchSharp's own modules.</summary>
internal static class ModelFinder
{
    /// <summary>The networks of a project, each once. A class is one network, however often it is created.</summary>
    public static IEnumerable<NetworkModel> Find(CompiledProject project, SourceCode code, CancellationToken cancellation)
    {
        NetworkModels models = NetworkModels.Of(project.Compilation, project.TorchSharp);
        return project.Compilation.SyntaxTrees.Where(code.Covers)
            .SelectMany(tree => models.In(tree, cancellation))
            .Select(model => ClassOf(model) is { } type ? models.AsCreated(type, cancellation) ?? model : model)
            .DistinctBy(PlaceOf)
            .Where(model => PlaceOf(model).SourceTree is { } tree && code.Covers(tree));
    }

    /// <summary>Where the network is written down: its class, or the expression that creates it.</summary>
    public static Location PlaceOf(NetworkModel model) =>
        ClassOf(model)?.Locations.FirstOrDefault(location => location.IsInSource) ?? model.Location;

    private static INamedTypeSymbol? ClassOf(NetworkModel model) => model.Root is ClassModule { Type: { } type } ? type : null;
}
