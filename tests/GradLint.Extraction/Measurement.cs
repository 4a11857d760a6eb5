using System.Reflection;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.Extraction;

/// <summary>Growth and gradient norms of one model, as predicted from its source and as autograd measures them, means over several initializations.</summary>
/// <param name="Name">The class or the factory.</param>
/// <param name="PredictedGrowth">Predicted growth in decades; null where it cannot be told.</param>
/// <param name="MeasuredGrowth">Measured growth in decades; null where the model hides its signals by calling <c>forward</c>.</param>
/// <param name="NormErrors">Measured less predicted log10 |dL/dW| of each layer.</param>
internal sealed record Measurement(string Name, double? PredictedGrowth, double? MeasuredGrowth, IReadOnlyList<double> NormErrors)
{
    private const int Batch = 16;

    private static readonly int[][] s_extents = [[], [8192, 64, 16], [32, 28, 64, 96, 224, 299], [8, 16]];

    /// <summary>Measures a model of which an instance can be made; null where no input that it takes was found.</summary>
    public static Measurement? Of(NetworkModel model, Func<nn.Module<Tensor, Tensor>> create, int seeds)
    {
        if (!model.IsWhole || model.Flow?.Stop is not null || FirstLayer(model.Graph!) is not { } first)
        {
            return null;
        }

        foreach (long[] shape in ShapesFor(first))
        {
            Runs? runs = Run(create, first, shape, seeds);
            if (runs is not null)
            {
                GradientFlow flow = SignalPropagator.Propagate(
                    WithInput(model.Graph!, shape), new PropagationOptions { BatchSize = Batch, Loss = model.Loss });
                return new Measurement(model.Root.CreatedAt.FirstAncestorOrSelf<MethodDeclarationSyntax>()?.Identifier.ValueText ?? model.Name, flow.Growth, runs.Growth, [.. flow.Layers.Where(layer => runs.Norms.ContainsKey(layer.Name)).Select(layer => runs.Norms[layer.Name] - layer.Log10GradientNorm)]);
            }
        }

        return null;
    }

    private static Layer? FirstLayer(NetworkGraph graph)
    {
        string input = graph.Nodes.First(node => node.Layer is InputLayer).Name;
        return graph.Nodes.Count(node => node.Layer is InputLayer) > 1 ? null
            : graph.Nodes.FirstOrDefault(node => node.Layer is WeightLayer && Reaches(graph, node, input))?.Layer;
    }

    private static bool Reaches(NetworkGraph graph, GraphNode node, string input) =>
        node.Inputs.Contains(input) || node.Inputs.Any(before => graph[before].Layer is not WeightLayer && Reaches(graph, graph[before], input));

    private static IEnumerable<long[]> ShapesFor(Layer first) => first switch
    {
        ConvolutionBase { InChannels: { } channels } convolution =>
            s_extents[convolution.Kernel.Count].Select(extent => (long[])[channels, .. Enumerable.Repeat((long)extent, convolution.Kernel.Count)]),
        LinearLayer { InFeatures: { } features } => [[features]],
        EmbeddingLayer => [[16]],
        RecurrentLayer { InputSize: { } size } => [[16, size]],
        _ => [],
    };

    private static NetworkGraph WithInput(NetworkGraph graph, long[] shape) => new(
        graph.Nodes.Select(node => node.Layer is InputLayer ? node with { Layer = new InputLayer([.. shape.Select(size => (int?)size)]) } : node), graph.Output.Name);

    private static Runs? Run(Func<nn.Module<Tensor, Tensor>> create, Layer first, long[] shape, int seeds)
    {
        List<FlowMeasurement> flows = [];
        for (int seed = 1; seed <= seeds; seed++)
        {
            using DisposeScope scope = NewDisposeScope();
            random.manual_seed(seed);
            using nn.Module<Tensor, Tensor> module = create();
            Tensor input = first is EmbeddingLayer table ? randint(table.Count ?? 100, [Batch, .. shape], int64) : randn([Batch, .. shape]);
            try
            {
                flows.Add(FlowMeasurement.Of(module, input, Loss));
            }
            catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or ArgumentException or InvalidOperationException)
            {
                return null;
            }
        }

        return new Runs(flows);
    }

    // Against N(0, 1); where the output is the logarithm of probabilities, the likelihood of random classes.
    private static Tensor Loss(Tensor output)
    {
        bool isLogarithm = output.dim() == 2 && output.exp().sum(1).sub(1).abs().max().item<float>() < 1e-3;
        return isLogarithm
            ? nn.functional.nll_loss(output, randint(output.shape[1], [output.shape[0]], int64))
            : nn.functional.mse_loss(output, randn_like(output));
    }

    private sealed class Runs(IReadOnlyList<FlowMeasurement> flows)
    {
        public double? Growth { get; } = flows.All(flow => flow.Growth is not null) ? flows.Average(flow => flow.Growth) : null;

        public Dictionary<string, double> Norms { get; } = flows
            .SelectMany(flow => flow.Layers.DistinctBy(layer => layer.Name))
            .Where(layer => layer.Log10GradientNorm is { } norm && double.IsFinite(norm))
            .GroupBy(layer => layer.Name)
            .ToDictionary(layers => layers.Key, layers => layers.Average(layer => layer.Log10GradientNorm!.Value));
    }

    /// <summary>All models of the sources that can be made without arguments, by their constructors and static factories; sources that do not compile are left out.</summary>
    public static IEnumerable<(NetworkModel Model, Func<nn.Module<Tensor, Tensor>> Create)> Candidates(CSharpCompilation compilation, NetworkModels models)
    {
        if (CompiledModels.Load(compilation) is not { } assembly)
        {
            yield break;
        }

        foreach (NetworkModel model in compilation.SyntaxTrees.SelectMany(tree => models.In(tree, CancellationToken.None)).DistinctBy(model => model.Root.CreatedAt))
        {
            if (Creator(assembly, model) is { } create)
            {
                yield return (model, create);
            }
        }
    }

    private static Func<nn.Module<Tensor, Tensor>>? Creator(Assembly assembly, NetworkModel model)
    {
        Type? type = model.Root.Type is { } symbol ? assembly.GetType(MetadataName(symbol)) : null;
        if (type is null || !typeof(nn.Module<Tensor, Tensor>).IsAssignableFrom(type))
        {
            return null;
        }

        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
        string? maker = model.Root.CreatedAt.FirstAncestorOrSelf<MethodDeclarationSyntax>()?.Identifier.ValueText;
        if (maker is null)
        {
            ConstructorInfo? constructor = type.GetConstructors(All).Where(candidate => !candidate.IsStatic && candidate.GetParameters().All(IsOptional))
                .OrderByDescending(candidate => candidate.GetParameters().Length).FirstOrDefault();
            return constructor is null ? null : () => (nn.Module<Tensor, Tensor>)constructor.Invoke(Arguments(constructor, type.Name));
        }

        MethodInfo? factory = assembly.GetTypes().SelectMany(owner => owner.GetMethods(All)).FirstOrDefault(method =>
            method.IsStatic && method.Name == maker && type.IsAssignableTo(method.ReturnType) && method.GetParameters().All(IsOptional));
        return factory is null ? null : () => (nn.Module<Tensor, Tensor>)factory.Invoke(null, Arguments(factory, maker))!;
    }

    private static bool IsOptional(ParameterInfo parameter) => parameter.HasDefaultValue || (parameter.Name == "name" && parameter.ParameterType == typeof(string));

    private static object?[] Arguments(MethodBase method, string name) =>
        [.. method.GetParameters().Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : name)];

    private static string MetadataName(INamedTypeSymbol type) => type.ContainingType is { } outer
        ? $"{MetadataName(outer)}+{type.MetadataName}"
        : type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.MetadataName}" : type.MetadataName;
}
