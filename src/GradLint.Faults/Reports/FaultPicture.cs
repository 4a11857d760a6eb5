using ScottPlot;
using ScottPlot.TickGenerators;

namespace GradLint.Faults;

/// <summary>One square for each fault and method, the darker the fewer cases end as if nothing had gone wrong.</summary>
internal static class FaultPicture
{
    private const int Square = 110;
    private const int Margin = 190;

    public static void Save(FaultStudyReport report, string path)
    {
        var plot = new Plot();
        (int rows, int columns) = (report.Faults.Count, report.Methods.Count);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                Draw(plot, report, row, column);
            }
        }

        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, rows).Select(row => (double)row)], [.. report.Faults.Select(fault => fault.Name)]);
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            [.. Enumerable.Range(0, columns).Select(column => (double)column)], [.. report.Methods]);
        plot.Axes.SetLimits(-0.5, columns - 0.5, rows - 0.5, -0.5);
        plot.Title($"Cases that end within {FaultCase.Bar - 1:P0} of the clean run");
        plot.HideGrid();
        // ScottPlot's own choice is a serif font where "Open Sans" is missing, as on most Linux systems.
        plot.Font.Set(Fonts.Sans);
        _ = plot.SavePng(path, Margin + (columns * Square), Margin + (rows * Square / 3));
    }

    private static void Draw(Plot plot, FaultStudyReport report, int row, int column)
    {
        FaultCase[] cases =
            [.. report.Cases.Where(c => c.Fault == report.Faults[row].Name && c.Method == report.Methods[column])];
        int within = cases.Count(c => c.IsWithinBar);
        double share = cases.Length == 0 ? 0 : (double)within / cases.Length;
        ScottPlot.Plottables.Rectangle square = plot.Add.Rectangle(column - 0.49, column + 0.49, row - 0.48, row + 0.48);
        square.FillColor = Color.FromHex("#2a6f97").MixedWith(Color.FromHex("#f4d9d0"), 1 - share);
        square.LineWidth = 0;
        ScottPlot.Plottables.Text label = plot.Add.Text($"{within}/{cases.Length}", column, row);
        label.LabelFontColor = share > 0.5 ? Colors.White : Colors.Black;
        label.LabelAlignment = Alignment.MiddleCenter;
    }
}
