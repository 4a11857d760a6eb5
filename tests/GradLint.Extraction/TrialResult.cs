using System.Globalization;

namespace GradLint.Extraction;

/// <summary>What a trial measured, means over its seeds.</summary>
/// <param name="Growth">Growth in decades; null where a signal could not be seen.</param>
/// <param name="Norms">log10 |dL/dW| of each layer.</param>
internal sealed record TrialResult(double? Growth, IReadOnlyDictionary<string, double> Norms)
{
    public static TrialResult Of(IReadOnlyList<FlowMeasurement> flows)
    {
        double?[] growths = [.. flows.Select(GrowthOf)];
        return new TrialResult(
            growths.Any(growth => growth is null) ? null : growths.Average(),
            flows.SelectMany(flow => flow.Layers.DistinctBy(layer => layer.Name))
                .Where(layer => layer.Log10GradientNorm is { } norm && double.IsFinite(norm))
                .GroupBy(layer => layer.Name)
                .ToDictionary(layers => layers.Key, layers => layers.Average(layer => layer.Log10GradientNorm!.Value)));
    }

    public static TrialResult Parse(string text)
    {
        Dictionary<string, double> values = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));
        double? growth = values.Remove(string.Empty, out double known) && double.IsFinite(known) ? known : null;
        return new TrialResult(growth, values);
    }

    /// <summary>A line per layer, its name and its norm; the growth has no name.</summary>
    public override string ToString() => string.Concat(
        Norms.Select(norm => string.Create(CultureInfo.InvariantCulture, $"{norm.Key} {norm.Value:R}\n"))
            .Prepend(string.Create(CultureInfo.InvariantCulture, $" {Growth ?? double.NaN:R}\n")));

    // A layer that the forward pass leaves out, such as a head that is off, is not hidden: it has no gradient.
    private static double? GrowthOf(FlowMeasurement flow)
    {
        MeasuredLayer[] used = [.. flow.Layers.Where(layer => layer.Log10SignalNorm is not null || layer.Log10GradientNorm is not null)];
        return used.Length < 2 || used.Any(layer => layer.Log10SignalNorm is null) ? null : used[0].Log10SignalNorm - used[^1].Log10SignalNorm;
    }
}
