using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>
/// A value of each layer over the steps, by its logarithm, one byte a cell: 0 stands for none, 255 for what is not finite, 1 to 254 for
/// the range. Where several steps share a column, the largest is shown: a spike must not vanish.
/// </summary>
internal sealed class HeatMap
{
    private const int MostColumns = 1000;
    private const int MostCells = 1_000_000;
    private const byte Missing = 0;
    private const byte NotFinite = 255;
    private const int Levels = 253;

    private readonly int _rows;
    private readonly List<long> _steps = [];
    private readonly List<double[]> _columns = [];

    private HeatMap(int rows) => _rows = rows;

    /// <returns>Null if there is nothing to draw.</returns>
    public static HeatMap? Of(IReadOnlyList<LayerValues> records, int layers)
    {
        if (records.Count == 0 || layers == 0)
        {
            return null;
        }

        var map = new HeatMap(layers);
        int columns = Math.Clamp(MostCells / layers, 1, MostColumns);
        int width = (records.Count + columns - 1) / columns;
        for (int start = 0; start < records.Count; start += width)
        {
            map.Add(records, start, Math.Min(start + width, records.Count));
        }

        return map;
    }

    public JsonObject ToJson()
    {
        double[] finite = [.. _columns.SelectMany(column => column).Where(double.IsFinite)];
        double low = finite.Length == 0 ? -1 : finite.Min();
        double high = finite.Length == 0 ? 0 : Math.Max(finite.Max(), low + 0.5);
        byte[] cells = new byte[_rows * _columns.Count];
        for (int column = 0; column < _columns.Count; column++)
        {
            for (int row = 0; row < _rows; row++)
            {
                cells[(row * _columns.Count) + column] = Level(_columns[column][row], low, high);
            }
        }

        return new JsonObject
        {
            ["x"] = ReportData.Base64([.. _steps.Select(step => (float)step)]),
            ["low"] = low,
            ["high"] = high,
            ["cells"] = Convert.ToBase64String(cells),
        };
    }

    private static byte Level(double log, double low, double high) =>
        double.IsNaN(log) ? Missing
        : double.IsPositiveInfinity(log) ? NotFinite
        : double.IsNegativeInfinity(log) ? (byte)1
        : (byte)(1 + Math.Round(Levels * (log - low) / (high - low)));

    private void Add(IReadOnlyList<LayerValues> records, int start, int end)
    {
        var column = new double[_rows];
        Array.Fill(column, double.NaN);
        for (int i = start; i < end; i++)
        {
            IReadOnlyList<double> values = records[i].Values;
            for (int row = 0; row < values.Count; row++)
            {
                // A layer that is not finite has no norm, and stands out; later layers joined later.
                double log = double.IsFinite(values[row]) ? Math.Log10(values[row]) : double.PositiveInfinity;
                column[row] = double.IsNaN(column[row]) ? log : Math.Max(column[row], log);
            }
        }

        _steps.Add(records[end - 1].Step);
        _columns.Add(column);
    }
}
