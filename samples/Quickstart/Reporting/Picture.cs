using ScottPlot;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace Quickstart;

/// <summary>Loss and gradient norm over the steps, all runs together, as a PNG file.</summary>
internal sealed class Picture
{
    private const int Width = 1400;
    private const int Height = 1100;

    // Okabe and Ito's colours: told apart by colour-blind readers too.
    private static readonly Color[] s_colours = [Color.FromHex("#D55E00"), Color.FromHex("#0072B2"), Color.FromHex("#009E73")];

    // ScottPlot's own choice is a serif font where "Open Sans" is missing, as on most Linux systems.
    private static readonly string s_font = Array.Find(
        ["Segoe UI", "Open Sans", "Helvetica Neue", "DejaVu Sans", "Liberation Sans"],
        SKFontManager.Default.FontFamilies.Contains) ?? Fonts.Default;

    private Picture(string path) => FilePath = path;

    public string FilePath { get; }

    /// <summary>The picture to be written there, once it is clear that it can be: before minutes of training, not after.</summary>
    public static Picture At(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            FileOptions leaveNothing = File.Exists(full) ? FileOptions.None : FileOptions.DeleteOnClose;
            using var attempt = new FileStream(full, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, leaveNothing);
            return new Picture(full);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QuickstartException($"--output '{path}' cannot be written: {error.Message}");
        }
    }

    public void Draw(IReadOnlyList<RunResult> runs)
    {
        var panels = new Multiplot();
        panels.AddPlots(2);
        Plot loss = DrawPanel(panels.GetPlot(0), "loss", runs, step => step.Loss);
        Plot norm = DrawPanel(panels.GetPlot(1), "gradient norm before clipping", runs, step => step.GradientNorm);
        loss.Title("The same network and seed, trained three ways", size: 26);
        norm.HideLegend();
        Legend legend = loss.ShowLegend(Alignment.UpperRight);
        legend.ShadowColor = Colors.Transparent;
        legend.FontSize = 20;
        legend.OutlineColor = Colors.Transparent;
        norm.XLabel("step", size: 20);
        panels.SavePng(FilePath, Width, Height);
    }

    private static Plot DrawPanel(Plot plot, string quantity, IReadOnlyList<RunResult> runs, Func<StepRecord, double> value)
    {
        plot.Font.Set(s_font);
        Curve[] curves = [.. runs.Select(run => Curve.Of(run.Steps, value))];
        (double bottom, double top) = Range(runs, curves);
        for (int i = 0; i < runs.Count; i++)
        {
            Color colour = s_colours[i % s_colours.Length];
            AddLine(plot, curves[i], colour.WithAlpha(0.3), width: 1);
            AddLine(plot, curves[i].Smooth(), colour, width: 4).LegendText = runs[i].Name;
            if (curves[i].X.Length < runs[i].Steps.Count)
            {
                MarkEnd(plot, runs[i], curves[i], value, top, colour);
            }
        }

        plot.Axes.SetLimits(0, Math.Log10(runs.Max(run => run.Steps.Count)), bottom, top);
        StyleAxes(plot);
        plot.YLabel(quantity, size: 20);
        return plot;
    }

    private static ScottPlot.Plottables.Scatter AddLine(Plot plot, Curve curve, Color colour, float width)
    {
        var line = plot.Add.ScatterLine(curve.X, curve.Y, colour);
        line.LineWidth = width;
        return line;
    }

    /// <summary>A run that dies leaves the picture at the top: the others' range stays readable.</summary>
    private static (double Bottom, double Top) Range(IReadOnlyList<RunResult> runs, Curve[] curves)
    {
        double[] values = [.. curves.Where((curve, i) => curve.X.Length == runs[i].Steps.Count).SelectMany(curve => curve.Y)];
        if (values.Length == 0)
        {
            values = [.. curves.SelectMany(curve => curve.Y), 0];
        }

        return (values.Min() - 0.2, values.Max() + 1);
    }

    private static void MarkEnd(Plot plot, RunResult run, Curve curve, Func<StepRecord, double> value, double top, Color colour)
    {
        int finite = curve.X.Length;
        StepRecord end = run.Steps[finite];
        string before = finite == 0 ? "" : $"{value(run.Steps[finite - 1]):0e+0} at step {finite}, then ";
        const double BelowTop = 0.35;
        double x = Math.Log10(end.Step);
        var cross = plot.Add.Marker(x, top - BelowTop, MarkerShape.Eks, 22, colour);
        cross.MarkerLineWidth = 5;
        var text = plot.Add.Text($"{run.Name}: {before}{StepText.Number(value(end))}", x + 0.05, top - BelowTop);
        text.LabelAlignment = Alignment.MiddleLeft;
        text.LabelFontColor = colour;
        text.LabelFontSize = 20;
    }

    private static void StyleAxes(Plot plot)
    {
        foreach (IAxis axis in (IAxis[])[plot.Axes.Left, plot.Axes.Bottom])
        {
            axis.TickGenerator = new NumericAutomatic
            {
                MinorTickGenerator = new LogMinorTickGenerator(),
                IntegerTicksOnly = true,
                LabelFormatter = decade => Math.Abs(decade) <= 3 ? $"{Math.Pow(10, decade):#,0.###}" : $"1e{decade:0}",
            };
            axis.TickLabelStyle.FontSize = 18;
        }

        // The same for both panels, so that their steps stand below each other.
        plot.Axes.Left.MinimumSize = plot.Axes.Left.MaximumSize = 110;
        plot.Axes.Right.MinimumSize = 30;
        plot.Grid.MajorLineColor = Colors.Black.WithAlpha(0.12);
        plot.Grid.MinorLineColor = Colors.Black.WithAlpha(0.04);
        plot.Grid.MinorLineWidth = 1;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
    }
}
