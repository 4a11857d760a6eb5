using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>How the gradients' magnitudes are distributed at the chosen steps: for all layers together and each, shares in bytes.</summary>
internal sealed class MagnitudeMap
{
    private readonly RunHistory _run;
    private readonly int _lowest;
    private readonly int _bins;

    private MagnitudeMap(RunHistory run)
    {
        _run = run;
        LayerHistogram[] filled = [.. run.Histograms.SelectMany(histogram => histogram.Layers).Where(layer => layer.Counts.Count > 0)];
        _lowest = filled.Length == 0 ? 0 : filled.Min(layer => layer.Lowest);
        _bins = filled.Length == 0 ? 1 : filled.Max(layer => layer.Lowest + layer.Counts.Count) - _lowest;
    }

    /// <returns>Null if there are no histograms.</returns>
    public static MagnitudeMap? Of(RunHistory run) => run.Histograms.Count == 0 ? null : new MagnitudeMap(run);

    public JsonObject ToJson()
    {
        IReadOnlyList<RunHistogram> histograms = _run.Histograms;
        int layers = _run.Layers.Count;
        byte[] cells = new byte[(layers + 1) * histograms.Count * _bins];
        for (int step = 0; step < histograms.Count; step++)
        {
            var all = new double[_bins];
            for (int layer = 0; layer < histograms[step].Layers.Count; layer++)
            {
                double[] counts = Counts(histograms[step].Layers[layer]);
                Fill(cells, ((layer + 1) * histograms.Count) + step, counts);
                all = [.. all.Zip(counts, (sum, count) => sum + count)];
            }

            Fill(cells, step, all);
        }

        return new JsonObject
        {
            ["steps"] = new JsonArray([.. histograms.Select(histogram => (JsonNode)histogram.Step)]),
            ["zeros"] = new JsonArray([.. histograms.Select(histogram => ReportData.Number(Share(histogram, layer => layer.Zeros)))]),
            ["nonFinite"] = new JsonArray([.. histograms.Select(histogram => ReportData.Number(Share(histogram, layer => layer.NonFinite)))]),
            ["lowest"] = _lowest,
            ["bins"] = _bins,
            ["cells"] = Convert.ToBase64String(cells),
        };
    }

    private double[] Counts(LayerHistogram layer)
    {
        var counts = new double[_bins];
        for (int i = 0; i < layer.Counts.Count; i++)
        {
            counts[layer.Lowest - _lowest + i] = layer.Counts[i];
        }

        return counts;
    }

    /// <summary>The share of the fullest bin is 255.</summary>
    private void Fill(byte[] cells, int row, double[] counts)
    {
        double most = counts.Max();
        for (int i = 0; i < _bins && most > 0; i++)
        {
            cells[(row * _bins) + i] = (byte)Math.Ceiling(255 * counts[i] / most);
        }
    }

    private static double Share(RunHistogram histogram, Func<LayerHistogram, long> count)
    {
        double all = histogram.Layers.Sum(layer => layer.Zeros + layer.NonFinite + layer.Counts.Sum());
        return all == 0 ? 0 : histogram.Layers.Sum(count) / all;
    }
}
