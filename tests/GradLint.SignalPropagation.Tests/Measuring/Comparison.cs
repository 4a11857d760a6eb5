using System.Text;

namespace GradLint.SignalPropagation.Tests.Measuring;

/// <summary>One network, predicted and measured.</summary>
internal sealed record Comparison(
    string Family, string Description, double DepthOverWidth, double? Predicted, double? Low, double? High, double Measured, double Deviation, int Seeds, double Covered,
    double NormError, double Milliseconds)
{
    /// <summary>Predicted log10 |dL/dW|, the mean over the weight layers; for a recurrent layer its own.</summary>
    public double Norm { get; init; }

    /// <summary>The same, measured.</summary>
    public double MeasuredNorm { get; init; }

    /// <summary>|predicted - measured| growth, in decades.</summary>
    public double Error => Math.Abs((Predicted ?? double.NaN) - Measured);

    /// <summary>Predicts and measures a network.</summary>
    public static Comparison Of(RandomNetwork network, int seeds) => Of(network, MeasuredFlow.Of(network.Graph, seeds, network.Options));

    /// <summary>Predicts a network that has been measured.</summary>
    public static Comparison Of(RandomNetwork network, MeasuredFlow measured)
    {
        int seeds = measured.Growths.Count;
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        GradientFlow flow = SignalPropagator.Propagate(network.Graph, network.Options);
        double milliseconds = clock.Elapsed.TotalMilliseconds;
        if (Environment.GetEnvironmentVariable("SHOW_LAYERS") is not null)
        {
            Console.WriteLine(network.Description);
            foreach (LayerFlow layer in flow.Layers)
            {
                Console.WriteLine($"  {layer.Name}: q {layer.Log10SecondMoment:f2} {measured.Log10SecondMoments[layer.Name]:f2}, dW {layer.Log10GradientNorm:f2} {measured.Log10GradientNorms[layer.Name]:f2}");
            }
        }

        if (flow.Layers.FirstOrDefault(layer => layer.GrowthThroughTime is not null) is { } recurrent)
        {
            double growth = recurrent.GrowthThroughTime!.Value;
            double margin = 0.1 + (0.45 * Math.Sqrt(network.DepthOverWidth));
            double mean = measured.GrowthsThroughTime.Average();
            return new Comparison(
                network.Family, network.Description, network.DepthOverWidth, growth, growth - margin, growth + margin, mean,
                Math.Sqrt(measured.GrowthsThroughTime.Average(one => (one - mean) * (one - mean))), seeds,
                measured.GrowthsThroughTime.Average(one => Math.Abs(one - growth) <= margin ? 1.0 : 0), Math.Abs(recurrent.Log10GradientNorm - measured.Log10GradientNorms[recurrent.Name]), milliseconds)
            {
                Norm = recurrent.Log10GradientNorm,
                MeasuredNorm = measured.Log10GradientNorms[recurrent.Name],
            };
        }

        return new Comparison(
            network.Family, network.Description, network.DepthOverWidth, flow.Growth, flow.Low, flow.High, measured.Growth, measured.GrowthDeviation, seeds,
            measured.Growths.Average(growth => growth >= flow.Low && growth <= flow.High ? 1.0 : 0),
            flow.Layers.Count == 0 ? double.NaN : flow.Layers.Average(layer => Math.Abs(layer.Log10GradientNorm - measured.Log10GradientNorms[layer.Name])),
            milliseconds)
        {
            Norm = flow.Layers.Average(layer => layer.Log10GradientNorm),
            MeasuredNorm = flow.Layers.Average(layer => measured.Log10GradientNorms[layer.Name]),
        };
    }
}

/// <summary>The errors by family and by depth over width, in Markdown.</summary>
internal sealed class ErrorTable(IReadOnlyList<Comparison> all, int worst)
{
    public string ToMarkdown()
    {
        StringBuilder text = new("| | n | median | 90 % | 99 % | worst | bias | norms median | norms 90 % | norms 99 % | covered | ms 90 % |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (IGrouping<string, Comparison> family in all.GroupBy(one => one.Family))
        {
            Row(text, family.Key, [.. family]);
        }

        Row(text, "depth/width <= 0.3", [.. all.Where(one => one.DepthOverWidth <= 0.3)]);
        Row(text, "0.3 < depth/width <= 1", [.. all.Where(one => one.DepthOverWidth is > 0.3 and <= 1)]);
        Row(text, "depth/width <= 1", [.. all.Where(one => one.DepthOverWidth <= 1)]);
        Row(text, "depth/width > 1", [.. all.Where(one => one.DepthOverWidth > 1)]);
        Row(text, "all", all);
        int untold = all.Count(one => one.Predicted is null);
        text.Append($"\n{all.Count} networks, {untold} of them with an interval but without a number\n").Append(Verdict("explodes beyond 10^2", growth => growth > 2)).Append(Verdict("vanishes below 10^-2", growth => growth < -2));
        text.Append(Certain("explodes", one => one.Low > 2, one => one.Measured > 2)).Append(Certain("vanishes", one => one.High < -2, one => one.Measured < -2));
        foreach (Comparison one in all.OrderByDescending(one => double.IsNaN(one.Error) ? 1e9 : one.Error).Take(worst))
        {
            text.Append($"\n- {one.Family} {one.Description}: predicted {one.Predicted:f2} [{one.Low:f2}, {one.High:f2}], measured {one.Measured:f2} +- {one.Deviation:f2}, norms off {one.NormError:f2}");
        }

        return text.Append('\n').ToString();
    }

    private string Verdict(string name, Func<double, bool> says)
    {
        // Where there is no number the whole interval has to say it; where nothing is said, what is true is missed.
        bool Said(Comparison one) => one.Predicted is { } growth ? says(growth) : one is { Low: { } low, High: { } high } && says(low) && says(high);
        int hits = all.Count(one => Said(one) && says(one.Measured));
        int predicted = all.Count(Said);
        int true_ = all.Count(one => says(one.Measured));
        return $"{name}: precision {(double)hits / predicted:f3}, recall {(double)hits / true_:f3} ({hits} of {predicted} predicted, {true_} true)\n";
    }

    // Said only where the whole interval lies beyond; what is true and not said is undecided, not wrong.
    private string Certain(string name, Func<Comparison, bool> says, Func<Comparison, bool> isTrue)
    {
        Comparison[] said = [.. all.Where(says)];
        int hits = said.Count(isTrue);
        return $"{name} for sure, the whole interval beyond: precision {(double)hits / said.Length:f3} ({hits} of {said.Length}), {(double)hits / all.Count(isTrue):f2} of all that are true\n";
    }

    private static void Row(StringBuilder text, string name, IReadOnlyList<Comparison> some)
    {
        Comparison[] valid = [.. some.Where(one => !double.IsNaN(one.Error) && !double.IsInfinity(one.Error))];
        if (valid.Length > 0)
        {
            Comparison[] withNorms = [.. some.Where(one => double.IsFinite(one.NormError))];
            text.Append($"| {name} | {valid.Length} | {Quantile(valid, one => one.Error, 0.5):f3} | {Quantile(valid, one => one.Error, 0.9):f3} | {Quantile(valid, one => one.Error, 0.99):f2} | {valid.Max(one => one.Error):f2} ")
                .Append($"| {valid.Average(one => one.Predicted!.Value - one.Measured):f3} | {Quantile(withNorms, one => one.NormError, 0.5):f3} | {Quantile(withNorms, one => one.NormError, 0.9):f3} | {Quantile(withNorms, one => one.NormError, 0.99):f2} ")
                .Append($"| {some.Where(one => double.IsFinite(one.Measured)).Average(one => one.Covered):f3} | {Quantile(valid, one => one.Milliseconds, 0.9):f1} |\n");
        }
    }

    private static double Quantile(IEnumerable<Comparison> some, Func<Comparison, double> value, double share)
    {
        double[] sorted = [.. some.Select(value).Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(share * sorted.Length))];
    }
}
