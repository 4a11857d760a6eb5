namespace GradLint.Extraction;

/// <summary>The prediction's errors over measured models, as the validation prints them.</summary>
internal static class ErrorTable
{
    private const double Verdict = 2;

    public static void Write(IReadOnlyList<Measurement> measurements)
    {
        foreach (Measurement measurement in measurements)
        {
            Console.WriteLine(
                $"{measurement.Name,-24} growth predicted {measurement.PredictedGrowth,7:0.00}, measured {measurement.MeasuredGrowth,7:0.00}; "
                + $"norms off by {Quantile(measurement.NormErrors, 0.5):0.00} in the median, {Quantile(measurement.NormErrors, 1):0.00} at most, {measurement.NormErrors.Count} layers");
        }

        Measurement[] known = [.. measurements.Where(measurement => measurement is { PredictedGrowth: not null, MeasuredGrowth: not null })];
        double[] growth = [.. known.Select(measurement => measurement.MeasuredGrowth!.Value - measurement.PredictedGrowth!.Value)];
        double[] norms = [.. measurements.SelectMany(measurement => measurement.NormErrors)];
        int agree = known.Count(measurement => Class(measurement.PredictedGrowth!.Value) == Class(measurement.MeasuredGrowth!.Value));
        Console.WriteLine($"growth: {growth.Length} models, error in the median {Quantile(growth, 0.5):0.000}, 90 % within {Quantile(growth, 0.9):0.000}; verdict at +-{Verdict}: {agree} of {known.Length} agree");
        Console.WriteLine($"norms: {norms.Length} layers, error in the median {Quantile(norms, 0.5):0.000}, 90 % within {Quantile(norms, 0.9):0.000}");
    }

    private static int Class(double growth) => growth > Verdict ? 1 : growth < -Verdict ? -1 : 0;

    private static double Quantile(IReadOnlyList<double> errors, double share)
    {
        double[] sizes = [.. errors.Select(Math.Abs).Order()];
        return sizes.Length == 0 ? double.NaN : sizes[Math.Min(sizes.Length - 1, (int)(share * sizes.Length))];
    }
}
