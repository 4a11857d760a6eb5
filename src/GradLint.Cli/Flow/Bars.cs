namespace GradLint.Cli.Flow;

/// <summary>Bars on a common scale of whole decades.</summary>
internal sealed class Bars
{
    private const int Width = 20;

    /// <summary>Differences smaller than the scale must look small: it spans at least that many decades.</summary>
    private const double LeastSpan = 4;

    private readonly double _left;
    private readonly double _right;
    private readonly bool _unicode;

    private Bars(double left, double right, bool unicode) => (_left, _right, _unicode) = (left, right, unicode);

    /// <summary>The decades at the two ends.</summary>
    public string Scale => $"{_left:0}".PadRight(Width - $"{_right:0}".Length) + $"{_right:0}";

    /// <summary>A scale for these values; null where there are none.</summary>
    public static Bars? For(IEnumerable<double?> values, bool unicode)
    {
        double[] finite = [.. values.OfType<double>().Where(double.IsFinite)];
        if (finite.Length == 0)
        {
            return null;
        }

        // The smallest value still shows a bar, and room is left on both sides of values that hardly differ.
        (double left, double right) = (Math.Ceiling(finite.Min()) - 1, Math.Floor(finite.Max()) + 1);
        double missing = Math.Max(0, LeastSpan - (right - left));
        return new Bars(left - Math.Ceiling(missing / 2), right + Math.Floor(missing / 2), unicode);
    }

    public string Of(double? value)
    {
        if (value is not { } number || double.IsInfinity(number))
        {
            return "";
        }

        double length = Width * (number - _left) / (_right - _left);
        int whole = (int)length;
        int eighths = (int)((length - whole) * 8);
        return _unicode ? new string('█', whole) + (eighths == 0 ? "" : ((char)('█' + 8 - eighths)).ToString()) : new string('#', (int)Math.Round(length));
    }
}
