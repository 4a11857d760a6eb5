using System.Globalization;

namespace GradLint.Extraction;

/// <summary>What a trial measured, means over its seeds.</summary>
/// <param name="Growth">Growth in decades; null where a signal could not be seen.</param>
/// <param name="Layers">What was measured at each layer that has a gradient.</param>
internal sealed record TrialResult(double? Growth, IReadOnlyDictionary<string, LayerResult> Layers)
{
    public static TrialResult Of(IReadOnlyList<FlowMeasurement> flows)
    {
        double?[] growths = [.. flows.Select(GrowthOf)];
        return new TrialResult(
            growths.Any(growth => growth is null) ? null : growths.Average(),
            flows.SelectMany(flow => flow.Layers.DistinctBy(layer => layer.Name))
                .Where(layer => layer.Log10GradientNorm is { } norm && double.IsFinite(norm))
                .GroupBy(layer => layer.Name)
                .ToDictionary(layers => layers.Key, layers => LayerResult.Of([.. layers])));
    }

    public static TrialResult Parse(string text)
    {
        Dictionary<string, double[]> values = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => words[1..].Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray());
        double? growth = values.Remove(string.Empty, out double[]? known) && double.IsFinite(known[0]) ? known[0] : null;
        return new TrialResult(growth, values.ToDictionary(layer => layer.Key, layer => new LayerResult(layer.Value[0], layer.Value[1], layer.Value[2])));
    }

    /// <summary>A line per layer, its name and its logarithms; the growth has no name.</summary>
    public override string ToString() => string.Concat(
        Layers.Select(layer => string.Create(CultureInfo.InvariantCulture, $"{layer.Key} {layer.Value.GradientNorm:R} {layer.Value.SignalNorm:R} {layer.Value.SecondMoment:R}\n"))
            .Prepend(string.Create(CultureInfo.InvariantCulture, $" {Growth ?? double.NaN:R}\n")));

    // A layer that the forward pass leaves out, such as a head that is off, is not hidden: it has no gradient.
    private static double? GrowthOf(FlowMeasurement flow)
    {
        MeasuredLayer[] used = [.. flow.Layers.Where(layer => layer.Log10SignalNorm is not null || layer.Log10GradientNorm is not null)];
        return used.Length < 2 || used.Any(layer => layer.Log10SignalNorm is null) ? null : used[0].Log10SignalNorm - used[^1].Log10SignalNorm;
    }
}

/// <summary>What was measured at a layer; NaN where it could not be seen.</summary>
/// <param name="GradientNorm">log10 |dL/dW|.</param>
/// <param name="SignalNorm">log10 |dL/dz|.</param>
/// <param name="SecondMoment">log10 E z^2.</param>
internal sealed record LayerResult(double GradientNorm, double SignalNorm, double SecondMoment)
{
    public static LayerResult Of(IReadOnlyList<MeasuredLayer> layers) => new(
        layers.Average(layer => layer.Log10GradientNorm!.Value),
        layers.Average(layer => layer.Log10SignalNorm ?? double.NaN),
        layers.Average(layer => layer.Log10SecondMoment ?? double.NaN));
}
