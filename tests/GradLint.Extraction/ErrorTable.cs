using GradLint.SignalPropagation;

namespace GradLint.Extraction;

/// <summary>The prediction's errors over measured models, as the validation prints them.</summary>
internal static class ErrorTable
{
    private const double Verdict = 2;

    public static void Write(IReadOnlyList<Measurement> measurements)
    {
        Console.WriteLine("| model | input | growth predicted | growth measured | layers | norms off, median | at most | where |");
        Console.WriteLine("|---|---|---:|---:|---:|---:|---:|---|");
        foreach (Measurement measurement in measurements)
        {
            (string where, double most) = measurement.NormErrors.MaxBy(error => Math.Abs(error.Value));
            Console.WriteLine(
                $"| {measurement.Name} | {string.Join('x', measurement.Shape)} | {measurement.PredictedGrowth:0.00} | {measurement.MeasuredGrowth:0.00} | {measurement.NormErrors.Count} "
                + $"| {Quantile([.. measurement.NormErrors.Values], 0.5):0.00} | {most:0.00} | `{where}` |");
        }

        Measurement[] known = [.. measurements.Where(measurement => measurement is { PredictedGrowth: not null, MeasuredGrowth: not null })];
        double[] growth = [.. known.Select(measurement => measurement.MeasuredGrowth!.Value - measurement.PredictedGrowth!.Value)];
        double[] norms = [.. measurements.SelectMany(measurement => measurement.NormErrors.Values)];
        int agree = known.Count(measurement => Class(measurement.PredictedGrowth!.Value) == Class(measurement.MeasuredGrowth!.Value));
        Console.WriteLine($"growth: {growth.Length} models, error in the median {Quantile(growth, 0.5):0.000}, 90 % within {Quantile(growth, 0.9):0.000}; verdict at +-{Verdict}: {agree} of {known.Length} agree");
        Console.WriteLine($"norms: {norms.Length} layers, error in the median {Quantile(norms, 0.5):0.000}, 90 % within {Quantile(norms, 0.9):0.000}");
    }

    /// <summary>Where, layer by layer, the prediction and what is measured part: each as predicted, and measured less predicted.</summary>
    public static void WriteLayers(IReadOnlyList<Measurement> measurements)
    {
        Console.WriteLine("| layer | log10 E z^2 | off | log10 of dL/dz | off | log10 of dL/dW | off |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|");
        foreach ((LayerFlow predicted, LayerResult measured) in measurements.SelectMany(measurement => measurement.Layers))
        {
            Console.WriteLine(
                $"| {predicted.Name} | {predicted.Log10SecondMoment:0.00} | {measured.SecondMoment - predicted.Log10SecondMoment:0.00} | {predicted.Log10SignalNorm:0.00} "
                + $"| {measured.SignalNorm - predicted.Log10SignalNorm:0.00} | {predicted.Log10GradientNorm:0.00} | {measured.GradientNorm - predicted.Log10GradientNorm:0.00} |");
        }
    }

    private static int Class(double growth) => growth > Verdict ? 1 : growth < -Verdict ? -1 : 0;

    private static double Quantile(IReadOnlyList<double> errors, double share)
    {
        double[] sizes = [.. errors.Select(Math.Abs).Order()];
        return sizes.Length == 0 ? double.NaN : sizes[Math.Min(sizes.Length - 1, (int)(share * sizes.Length))];
    }
}
