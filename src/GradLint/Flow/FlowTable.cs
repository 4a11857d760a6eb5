using System.Globalization;

namespace GradLint;

/// <summary>A comparison as text.</summary>
internal static class FlowTable
{
    private const string Missing = "-";

    public static void Write(FlowComparison comparison, TextWriter writer)
    {
        string range = comparison.Predicted.Low is { } low ? $" ({Number(low)} to {Number(comparison.Predicted.High)})" : "";
        writer.WriteLine($"growth of the backward signal, first over last layer: 10^{Number(comparison.Predicted.Growth)}{range} predicted, 10^{Number(comparison.Measured.Growth)} measured");
        if (comparison.Predicted.Stop is { } stop)
        {
            writer.WriteLine($"the prediction stops at '{stop.Node}': {stop.Reason}");
        }

        writer.WriteLine();
        string[][] rows = [["layer", "kind", "|dL/dW|", "range", "measured", "", "|dL/dz|", "measured", "E z^2", "measured"], .. comparison.Layers.Select(Row)];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            writer.WriteLine(string.Join("  ", cells).TrimEnd());
        }

        writer.WriteLine();
        writer.WriteLine("All numbers are decimal logarithms; ! marks a gradient outside of the predicted range.");
        foreach (string assumption in comparison.Assumptions)
        {
            writer.WriteLine($"Assumed: {assumption}.");
        }
    }

    private static string[] Row(LayerComparison layer) =>
    [
        layer.Name,
        layer.Measured?.Kind ?? layer.Predicted!.Kind,
        Number(layer.Predicted?.Log10GradientNorm),
        layer.Predicted is { } predicted ? $"{Number(predicted.Log10GradientNormLow)}..{Number(predicted.Log10GradientNormHigh)}" : Missing,
        Number(layer.Measured?.Log10GradientNorm),
        layer.IsInRange == false ? "!" : "",
        Number(layer.Predicted?.Log10SignalNorm),
        Number(layer.Measured?.Log10SignalNorm),
        Number(layer.Predicted?.Log10SecondMoment),
        Number(layer.Measured?.Log10SecondMoment),
    ];

    private static string Number(double? value) => value is { } number ? number.ToString("0.00", CultureInfo.InvariantCulture) : Missing;
}
