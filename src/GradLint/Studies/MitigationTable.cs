using System.Globalization;
using System.Security;
using System.Text;

namespace GradLint;

/// <summary>The comparison that a <see cref="MitigationStudy"/> makes.</summary>
public sealed class MitigationTable
{
    private const double RowHeight = 24;
    private const double Left = 190;
    private const double Width = 520;
    private const double Top = 44;

    internal MitigationTable(IReadOnlyList<MitigationRow> rows) => Rows = rows;

    /// <summary>One for each mitigation, in their order.</summary>
    public IReadOnlyList<MitigationRow> Rows { get; }

    /// <summary>The table as text: mean and standard deviation over the seeds.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine($"{"mitigation",-24}{"final loss",22}{"diverged",11}{"median norm",14}{"largest norm",14}");
        foreach (MitigationRow row in Rows)
        {
            text.AppendLine(row.Trials == 0
                ? $"{row.Mitigation,-24}  no result: {row.Failure}"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Mitigation,-24}{row.MeanLoss,12:G4} +- {row.LossSpread,-6:G2}{row.Diverged,5} of {row.Trials,-2}{row.MedianNorm,14:G4}{row.LargestNorm,14:G4}")
                + (row.WithoutResult > 0 ? $"  {row.WithoutResult} without result: {row.Failure}" : ""));
        }

        return text.ToString();
    }

    /// <summary>The final losses of all seeds as a picture, on a logarithmic axis; who diverged is at the right edge.</summary>
    /// <returns>An SVG document.</returns>
    public string ToSvg()
    {
        double[] logs = [.. Rows.SelectMany(row => row.FinalLosses).Where(loss => loss > 0).Select(Math.Log10)];
        double low = logs.Length == 0 ? -1 : logs.Min() - 0.1;
        double high = logs.Length == 0 ? 0 : logs.Max() + 0.1;
        double X(double loss) => Left + (Width * (Math.Log10(loss) - low) / (high - low));
        double height = Top + (RowHeight * Rows.Count) + 34;
        var svg = new StringBuilder(Invariant(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + 110} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"));
        svg.Append(Invariant($"<text x=\"{Left}\" y=\"22\">Final loss of each seed (dots) and their geometric mean (bar)</text>\n"));
        for (double exponent = Math.Ceiling(low * 2) / 2; exponent <= high; exponent += 0.5)
        {
            double x = X(Math.Pow(10, exponent));
            svg.Append(Invariant($"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top - 10}\" y2=\"{height - 30}\" stroke=\"#ddd\"/><text x=\"{x:0.#}\" y=\"{height - 14}\" text-anchor=\"middle\">{Math.Pow(10, exponent):G2}</text>\n"));
        }

        for (int i = 0; i < Rows.Count; i++)
        {
            Draw(svg, Rows[i], Top + (RowHeight * (i + 0.5)), X);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, MitigationRow row, double y, Func<double, double> x)
    {
        svg.Append(Invariant($"<text x=\"{Left - 10}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{SecurityElement.Escape(row.Mitigation)}</text>\n"));
        double[] losses = [.. row.FinalLosses.Where(loss => loss > 0)];
        foreach (double loss in losses)
        {
            svg.Append(Invariant($"<circle cx=\"{x(loss):0.#}\" cy=\"{y:0.#}\" r=\"4\" fill=\"#0072b2\" fill-opacity=\"0.55\"/>\n"));
        }

        if (losses.Length > 0)
        {
            double mean = x(Math.Exp(losses.Average(Math.Log)));
            svg.Append(Invariant($"<line x1=\"{mean:0.#}\" x2=\"{mean:0.#}\" y1=\"{y - 8:0.#}\" y2=\"{y + 8:0.#}\" stroke=\"#d55e00\" stroke-width=\"3\"/>\n"));
        }

        string note = row.Trials == 0 ? "no result"
            : string.Join(", ", ((string[])
            [
                row.Diverged > 0 ? $"{row.Diverged} of {row.Trials} diverged" : "", row.WithoutResult > 0 ? $"{row.WithoutResult} no result" : "",
            ]).Where(part => part.Length > 0));
        svg.Append(Invariant($"<text x=\"{Left + Width + 8}\" y=\"{y + 4:0.#}\" fill=\"#c2185b\">{note}</text>\n"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One mitigation over all seeds.</summary>
/// <param name="Mitigation">Its name.</param>
/// <param name="FinalLosses">The final losses of the seeds that did not diverge.</param>
/// <param name="Diverged">How many seeds ended with a loss that is not finite.</param>
/// <param name="MedianNorm">The mean over the seeds of their median gradient norms; NaN if one of them is.</param>
/// <param name="LargestNorm">The largest gradient norm of all; NaN if none was finite throughout.</param>
/// <param name="WithoutResult">How many seeds have no result: the mitigation does not apply to the model, or the process of the training was ended.</param>
/// <param name="Failure">Why the first of those has none; null if all seeds have a result.</param>
public sealed record MitigationRow(
    string Mitigation, IReadOnlyList<double> FinalLosses, int Diverged, double MedianNorm, double LargestNorm, int WithoutResult, string? Failure)
{
    /// <summary>How many seeds have a result.</summary>
    public int Trials => FinalLosses.Count + Diverged;

    /// <summary>The mean of the final losses; NaN if all diverged.</summary>
    public double MeanLoss => FinalLosses.Count == 0 ? double.NaN : FinalLosses.Average();

    /// <summary>The standard deviation of the final losses over the seeds; NaN with fewer than two.</summary>
    public double LossSpread => FinalLosses.Count < 2
        ? double.NaN
        : Math.Sqrt(FinalLosses.Sum(loss => (loss - MeanLoss) * (loss - MeanLoss)) / (FinalLosses.Count - 1));

    internal static MitigationRow Of(string mitigation, IEnumerable<TrialResult> results)
    {
        TrialResult[] all = [.. results.Where(result => result.Mitigation == mitigation)];
        TrialResult[] trained = [.. all.Where(result => result.Failure is null)];
        return new MitigationRow(
            mitigation,
            [.. trained.Select(result => result.FinalLoss).Where(double.IsFinite)],
            trained.Count(result => !double.IsFinite(result.FinalLoss)),
            trained.Length == 0 ? double.NaN : trained.Average(result => result.MedianNorm),
            trained.Select(result => result.LargestNorm).DefaultIfEmpty(double.NaN).Max(),
            all.Length - trained.Length,
            all.FirstOrDefault(result => result.Failure is not null)?.Failure);
    }
}
