using System.Text.Json.Nodes;

namespace GradLint;

/// <summary>
/// A value of each layer over the steps, by its logarithm, one byte a cell: 0 stands for none, 255 for what is not finite, 254 for what is
/// far above all others, 1 to 253 for the range. Where several steps share a column, the largest is shown: a spike must not vanish. Nor may
/// it take the colours from all the rest: the range is that of the cells but for the few at its ends.
/// </summary>
internal sealed class HeatMap
{
    private const int MostColumns = 1000;
    private const int MostCells = 1_000_000;
    private const byte Missing = 0;
    private const byte NotFinite = 255;
    private const byte FarAbove = 254;
    private const int Levels = 252;
    private const double ShareOfAnEnd = 0.005;
    private const double Decade = 1;

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
        (double low, double high) = Range([.. _columns.SelectMany(column => column).Where(double.IsFinite)]);
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

    /// <summary>From the least to the largest, without those that lie more than a decade beyond nearly all.</summary>
    private static (double Low, double High) Range(double[] logs)
    {
        if (logs.Length == 0)
        {
            return (-1, 0);
        }

        Array.Sort(logs);
        int end = (int)Math.Ceiling(ShareOfAnEnd * logs.Length);
        double nearLow = logs[Math.Min(end, logs.Length - 1)] - Decade;
        double nearHigh = logs[Math.Max(0, logs.Length - 1 - end)] + Decade;
        double low = logs.First(log => log >= nearLow);
        return (low, Math.Max(logs.Last(log => log <= nearHigh), low + 0.5));
    }

    private static byte Level(double log, double low, double high) =>
        double.IsNaN(log) ? Missing
        : double.IsPositiveInfinity(log) ? NotFinite
        : log > high ? FarAbove
        : (byte)(1 + Math.Round(Levels * (Math.Max(log, low) - low) / (high - low)));

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
