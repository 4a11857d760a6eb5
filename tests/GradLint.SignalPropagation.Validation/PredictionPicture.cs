using System.Globalization;
using System.Text;
using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Validation;

/// <summary>Predicted against measured, one point per network, as a picture in SVG: growth on the left, gradient norms on the right.</summary>
internal static class PredictionPicture
{
    private const int Side = 420;
    private const int Left = 60;
    private const int Top = 48;
    private const int Gap = 80;
    private const int Legend = 150;
    private static readonly double[] s_ticks = [-100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100];
    private static readonly string[] s_shapes = ["mlp", "res", "dense", "conv", "rnn", "lstm", "gru", "transformer", "decoder"];
    private static readonly string[] s_colours = ["#4878cf", "#d65f5f", "#b47cc7", "#6acc65", "#c4ad66", "#e08a2e", "#77bedb", "#333333", "#a0765b"];

    /// <summary>The picture.</summary>
    public static string Of(IReadOnlyList<Comparison> networks)
    {
        Comparison[] valid = [.. networks.Where(one => double.IsFinite(one.Error) && double.IsFinite(one.Norm) && double.IsFinite(one.MeasuredNorm))];
        StringBuilder svg = new();
        int width = Left + (2 * Side) + Gap + Legend;
        int height = Top + Side + 60;
        svg.Append(Text($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n"));
        svg.Append(Text($"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"));
        Panel(svg, Left, "growth, log10 |dL/dz first| / |dL/dz last|", valid, one => one.Predicted!.Value, one => one.Measured);
        Panel(svg, Left + Side + Gap, "gradient norm, log10 |dL/dW|, mean over the layers", valid, one => one.Norm, one => one.MeasuredNorm);
        for (int i = 0; i < s_shapes.Length; i++)
        {
            int x = Left + (2 * Side) + Gap + 20;
            int y = Top + 20 + (22 * i);
            int count = valid.Count(one => Kind(one) == i);
            svg.Append(Text($"<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{s_colours[i]}\"/><text x=\"{x + 12}\" y=\"{y + 4}\">{s_shapes[i]} ({count})</text>\n"));
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Panel(StringBuilder svg, int left, string title, IReadOnlyList<Comparison> networks, Func<Comparison, double> predicted, Func<Comparison, double> measured)
    {
        double most = Scaled(networks.Max(one => Math.Max(Math.Abs(predicted(one)), Math.Abs(measured(one))))) * 1.04;
        double X(double value) => left + (Side * (0.5 + (0.5 * Scaled(value) / most)));
        double Y(double value) => Top + (Side * (0.5 - (0.5 * Scaled(value) / most)));
        svg.Append(Text($"<text x=\"{left}\" y=\"{Top - 16}\" font-size=\"14\">{title}</text>\n"));
        foreach (double tick in s_ticks.Where(tick => Math.Abs(Scaled(tick)) <= most))
        {
            svg.Append(Text($"<path d=\"M{X(tick):f1} {Top}V{Top + Side}M{left} {Y(tick):f1}H{left + Side}\" stroke=\"#e4e4e4\"/>"));
            svg.Append(Text($"<text x=\"{X(tick):f1}\" y=\"{Top + Side + 16}\" text-anchor=\"middle\" fill=\"#666\">{tick}</text><text x=\"{left - 6}\" y=\"{Y(tick) + 4:f1}\" text-anchor=\"end\" fill=\"#666\">{tick}</text>\n"));
        }

        svg.Append(Text($"<rect x=\"{left}\" y=\"{Top}\" width=\"{Side}\" height=\"{Side}\" fill=\"none\" stroke=\"#999\"/><path d=\"M{left} {Top + Side}L{left + Side} {Top}\" stroke=\"#999\"/>\n"));
        svg.Append(Text($"<text x=\"{left + (Side / 2)}\" y=\"{Top + Side + 38}\" text-anchor=\"middle\">measured</text><text transform=\"translate({left - 38},{Top + (Side / 2)}) rotate(-90)\" text-anchor=\"middle\">predicted</text>\n"));
        foreach (Comparison one in networks)
        {
            svg.Append(Text($"<circle cx=\"{X(measured(one)):f1}\" cy=\"{Y(predicted(one)):f1}\" r=\"3\" fill=\"{s_colours[Kind(one)]}\" fill-opacity=\"0.55\"/>\n"));
        }
    }

    // Decades near 0, logarithms of them further out.
    private static double Scaled(double value) => Math.Sign(value) * Math.Log10(1 + Math.Abs(value));

    private static int Kind(Comparison one) => Array.FindIndex(s_shapes, shape => one.Family.StartsWith(shape, StringComparison.Ordinal));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
