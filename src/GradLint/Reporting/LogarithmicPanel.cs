using System.Globalization;
using System.Security;
using System.Text;

namespace GradLint;

/// <summary>A pair of logarithmic axes in an SVG picture.</summary>
internal sealed class LogarithmicPanel
{
    public const double Left = 80;
    private const double Width = 900;
    private const double Height = 315;
    private const double BelowTop = 22;

    private readonly double _top;
    private readonly double _lastLog;
    private readonly double _low;
    private readonly double _high;

    private LogarithmicPanel(double top, double lastStep, double low, double high) =>
        (_top, _lastLog, _low, _high) = (top, Math.Max(0.3, Math.Log10(lastStep)), low, high);

    /// <summary>A run that dies leaves the picture at the top: the others' range stays readable.</summary>
    public static LogarithmicPanel For(double top, double lastStep, IReadOnlyList<Trend> trends)
    {
        int longest = trends.Max(trend => trend.Count);
        double[] logs = [.. trends.Where(trend => trend.Count == longest).SelectMany(trend => trend.Logs).DefaultIfEmpty(0)];
        return new LogarithmicPanel(top, lastStep, logs.Min() - 0.15, logs.Max() + 0.8);
    }

    public void DrawAxes(StringBuilder svg, string quantity)
    {
        for (int decade = (int)Math.Floor(_low); decade <= _high; decade++)
        {
            for (int digit = 1; digit < 10; digit++)
            {
                double log = decade + Math.Log10(digit);
                if (log >= _low && log <= _high)
                {
                    Line(svg, Left, Y(log), Left + Width, Y(log), digit == 1);
                    Label(svg, Left - 8, Y(log) + 5, "end", decade, digit, isShown: digit == 1 || (_high - _low < 3 && digit is 2 or 5));
                }
            }
        }

        for (int decade = 0; decade <= _lastLog; decade++)
        {
            for (int digit = 1; digit < 10 && decade + Math.Log10(digit) <= _lastLog; digit++)
            {
                double x = X(decade + Math.Log10(digit));
                Line(svg, x, _top, x, _top + Height, digit == 1);
                Label(svg, x, _top + Height + 18, "middle", decade, digit, isShown: digit == 1);
            }
        }

        svg.Append(Invariant($"<path d=\"M{Left} {_top}V{_top + Height}H{Left + Width}\" fill=\"none\" stroke=\"#5c6672\"/>\n"));
        svg.Append(Invariant($"<text transform=\"translate(20 {_top + (Height / 2)}) rotate(-90)\" text-anchor=\"middle\">{SecurityElement.Escape(quantity)}</text>\n"));
    }

    public void DrawLine(StringBuilder svg, double[] steps, double[] logs, string colour, double width, double opacity)
    {
        IEnumerable<string> points = steps.Zip(logs).Where(point => point.Second <= _high)
            .Select(point => Invariant($"{X(Math.Log10(point.First)):0.#},{Y(Math.Max(point.Second, _low)):0.#}"));
        svg.Append(Invariant($"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-opacity=\"{opacity}\" stroke-linejoin=\"round\"/>\n"));
    }

    /// <summary>A cross at the step at which a run is no longer finite, and what became of it.</summary>
    public void DrawEnd(StringBuilder svg, double step, string text, string colour)
    {
        double x = X(Math.Log10(step));
        double y = _top + BelowTop;
        bool isLate = x > Left + (0.6 * Width);
        svg.Append(Invariant($"<path d=\"M{x - 8:0.#} {y - 8:0.#}l16 16m0 -16l-16 16\" stroke=\"{colour}\" stroke-width=\"4\"/>"))
            .Append(Invariant($"<text x=\"{(isLate ? x - 16 : x + 16):0.#}\" y=\"{y + 5:0.#}\" fill=\"{colour}\" text-anchor=\"{(isLate ? "end" : "start")}\">{SecurityElement.Escape(text)}</text>\n"));
    }

    private double X(double log) => Left + (Width * log / _lastLog);

    private double Y(double log) => _top + (Height * (_high - log) / (_high - _low));

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, bool isDecade) =>
        svg.Append(Invariant($"<line x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\" stroke=\"{(isDecade ? "#d5dade" : "#f0f2f4")}\"/>"));

    private static void Label(StringBuilder svg, double x, double y, string anchor, int decade, int digit, bool isShown)
    {
        if (isShown)
        {
            string text = Math.Abs(decade) <= 3 ? Invariant($"{digit * Math.Pow(10, decade):#,0.###}") : $"{digit}e{decade}";
            svg.Append(Invariant($"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\" fill=\"#5c6672\">{text}</text>\n"));
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
