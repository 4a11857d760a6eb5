using System.Globalization;
using System.Security;
using System.Text;

namespace GradLint;

/// <summary>Loss and gradient norm of several runs, one below the other on logarithmic axes: to see what a change does.</summary>
/// <example><code>
/// File.WriteAllText("runs.svg", RunPicture.ToSvg("With and without clipping", [new("with", with.Steps), new("without", without.Steps)]));
/// </code></example>
public static class RunPicture
{
    private const double Width = 1000;
    private const double Height = 800;
    private const double FirstPanel = 70;
    private const double SecondPanel = 440;

    // Okabe and Ito's colours, as in the report: told apart by colour-blind readers too.
    private static readonly string[] s_colours = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

    /// <summary>Draws the picture.</summary>
    /// <param name="title">What is compared.</param>
    /// <param name="runs">The runs, in the order of the legend. One that is no longer finite ends in a cross, with what became of it.</param>
    /// <returns>An SVG document.</returns>
    /// <exception cref="ArgumentException">There is no run, or none with a step.</exception>
    public static string ToSvg(string title, IReadOnlyList<PicturedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(runs);
        if (!runs.Any(run => run.Steps.Count > 0))
        {
            throw new ArgumentException("There is no step to draw.", nameof(runs));
        }

        var svg = new StringBuilder(Invariant(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"'Segoe UI', 'Open Sans', 'Helvetica Neue', 'DejaVu Sans', sans-serif\" font-size=\"14\" fill=\"#1d232b\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"));
        svg.Append(Invariant($"<text x=\"{Width / 2}\" y=\"28\" font-size=\"19\" font-weight=\"bold\" text-anchor=\"middle\">{Escape(title)}</text>\n"));
        DrawLegend(svg, runs);
        DrawPanel(svg, FirstPanel, "loss", runs, step => step.Loss);
        DrawPanel(svg, SecondPanel, "gradient norm before clipping", runs, step => step.Norm);
        return svg.Append(Invariant($"<text x=\"{Width / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">step</text>\n</svg>\n")).ToString();
    }

    private static void DrawLegend(StringBuilder svg, IReadOnlyList<PicturedRun> runs)
    {
        double left = LogarithmicPanel.Left;
        for (int i = 0; i < runs.Count; i++)
        {
            svg.Append(Invariant($"<line x1=\"{left}\" x2=\"{left + 24}\" y1=\"51\" y2=\"51\" stroke=\"{ColourOf(i)}\" stroke-width=\"3\"/><text x=\"{left + 30}\" y=\"56\">{Escape(runs[i].Name)}</text>\n"));
            left += 60 + (8 * runs[i].Name.Length);
        }
    }

    private static void DrawPanel(StringBuilder svg, double top, string quantity, IReadOnlyList<PicturedRun> runs, Func<RunStep, double> value)
    {
        Trend[] trends = [.. runs.Select(run => Trend.Of(run.Steps, value))];
        var panel = LogarithmicPanel.For(top, runs.Max(run => run.Steps.Count == 0 ? 1 : run.Steps[^1].Step), trends);
        panel.DrawAxes(svg, quantity);
        for (int i = 0; i < runs.Count; i++)
        {
            panel.DrawLine(svg, trends[i].Steps, trends[i].Logs, ColourOf(i), width: 1, opacity: 0.3);
            panel.DrawLine(svg, trends[i].Steps, trends[i].Smooth(), ColourOf(i), width: 2.5, opacity: 1);
        }

        // Above all lines.
        for (int i = 0; i < runs.Count; i++)
        {
            if (trends[i].Count < runs[i].Steps.Count)
            {
                panel.DrawEnd(svg, runs[i].Steps[trends[i].Count].Step, EndOf(runs[i], trends[i].Count, value), ColourOf(i));
            }
        }
    }

    private static string EndOf(PicturedRun run, int finite, Func<RunStep, double> value)
    {
        string before = finite == 0 ? "" : Invariant($"{value(run.Steps[finite - 1]):0e+0} at step {run.Steps[finite - 1].Step}, then ");
        return Invariant($"{run.Name}: {before}{value(run.Steps[finite])}");
    }

    private static string ColourOf(int run) => s_colours[run % s_colours.Length];

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A run in a <see cref="RunPicture"/>.</summary>
/// <param name="Name">What it is called in the legend.</param>
/// <param name="Steps">Its steps in their order, as <see cref="RunHistory.Steps"/> of its log has them.</param>
public sealed record PicturedRun(string Name, IReadOnlyList<RunStep> Steps);
