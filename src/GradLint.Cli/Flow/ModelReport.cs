using System.Text.RegularExpressions;
using GradLint.Infrastructure;
using GradLint.Modeling;
using GradLint.SignalPropagation;
using Microsoft.CodeAnalysis;

namespace GradLint.Cli.Flow;

/// <summary>What can be told about one network in the code.</summary>
internal sealed partial class ModelReport
{
    private const double DecadesThatMatter = 2;

    private ModelReport(NetworkModel model)
    {
        GradientFlow? flow = model.Gap is null ? model.Flow : null;
        FileLinePositionSpan place = ModelFinder.PlaceOf(model).GetLineSpan();
        (Name, File, Line) = (model.Name, place.Path, place.StartLinePosition.Line + 1);
        Layers = flow is { Layers.Count: > 0 } ? LayerReport.Predicted(model, flow) : LayerReport.Unpredicted(model);
        (Growth, Low, High) = flow is { Layers.Count: 1, Stop: null } ? (0, 0, 0) : (flow?.Growth, Known(flow?.Low), Known(flow?.High));
        Growth = Known(Growth);
        GrowthThroughTime = Known(flow?.GrowthThroughTime);
        Span = flow?.Span;
        Assumptions = flow is null ? [] : [.. model.Assumptions.Concat(flow.Assumptions).Select(WithLines)];
        Contributions = flow is not null && Growth is not null ? ContributionReport.Of(model, flow) : [];
        Findings = flow?.Findings ?? [];
        Opaque = [.. WhatIsNotUnderstood(model).Distinct()];
    }

    public string Name { get; }

    public string File { get; }

    public int Line { get; }

    /// <summary>
    /// log10 |dL/dz_first| / |dL/dz_last|; 0 for a network with one weight layer, where both are the same. Null where it cannot be predicted, and infinite
    /// where no gradient passes at all.
    /// </summary>
    public double? Growth { get; }

    /// <summary>The interval for one initialization, about 95 %; also given where the growth is not one number.</summary>
    public double? Low { get; }

    public double? High { get; }

    public double? GrowthThroughTime { get; }

    public FlowClass Class => Growth switch
    {
        null => FlowClass.Unpredictable,
        >= DecadesThatMatter => FlowClass.Explodes,
        <= -DecadesThatMatter => FlowClass.Vanishes,
        _ => FlowClass.Fine,
    };

    /// <summary>The weight layers in order of use; where the prediction stopped, those that are known, without numbers.</summary>
    public IReadOnlyList<LayerReport> Layers { get; }

    /// <summary>The layers over which the signal changes most; null with fewer than two.</summary>
    public LayerSpan? Span { get; }

    public IReadOnlyList<string> Assumptions { get; }

    public IReadOnlyList<ContributionReport> Contributions { get; }

    public IReadOnlyList<RangeFinding> Findings { get; }

    /// <summary>What the code does that is not understood, each with the reason.</summary>
    public IReadOnlyList<string> Opaque { get; }

    /// <summary>Null for what is no network: a module without weights, such as an activation or a transformation of images.</summary>
    public static ModelReport? Of(NetworkModel model, TorchSharpSymbols torchSharp)
    {
        var report = new ModelReport(model);
        return report.Layers.Count > 0 || (report.Opaque.Count > 0 && HoldsWeights(model, torchSharp)) ? report : null;
    }

    private static bool HoldsWeights(NetworkModel model, TorchSharpSymbols torchSharp) =>
        model.Root is not ClassModule { Type: { } type } || type.GetMembers().OfType<IFieldSymbol>().Any(field =>
            TorchSharpSymbols.Mentions(field.Type, torchSharp.Module) || TorchSharpSymbols.Mentions(field.Type, torchSharp.Parameter));

    private static double? Known(double? value) => value is { } number && !double.IsNaN(number) ? number : null;

    private static IEnumerable<string> WhatIsNotUnderstood(NetworkModel model)
    {
        foreach (GraphNode node in model.Graph?.Nodes ?? [])
        {
            if (node.Layer is OpaqueLayer { Reason: var reason })
            {
                yield return $"{NameOf(node)}: {reason}";
            }
        }

        if (model.Flow?.Stop is { } stop && model.Graph![stop.Node].Layer is not OpaqueLayer)
        {
            yield return $"{stop.Node}: {stop.Reason}";
        }

        if (model.Gap is { } gap)
        {
            yield return gap;
        }
    }

    /// <summary>Operations have no name of their own: <c>opaque:23</c> is the one in line 23.</summary>
    private static string NameOf(GraphNode node) => OpaqueName().Replace(node.Name, "line $1");

    private static string WithLines(string assumption) => QuotedOpaqueName().Replace(assumption, "line $1");

    [GeneratedRegex(@"^opaque:(\d+)(:\d+)?$")]
    private static partial Regex OpaqueName();

    [GeneratedRegex(@"'opaque:(\d+)(:\d+)?'")]
    private static partial Regex QuotedOpaqueName();
}
