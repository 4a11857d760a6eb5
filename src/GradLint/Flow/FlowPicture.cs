using System.Globalization;
using System.Security;
using System.Text;

namespace GradLint;

/// <summary>A comparison as a picture: one column per weight layer, decades upwards.</summary>
internal static class FlowPicture
{
    private const double Left = 60;
    private const double Top = 40;
    private const double Width = 640;
    private const double Height = 320;

    public static string Draw(FlowComparison comparison)
    {
        IReadOnlyList<LayerComparison> layers = comparison.Layers;
        double[] values = [.. layers.SelectMany(layer => new[] { layer.Predicted?.Log10GradientNormLow, layer.Predicted?.Log10GradientNormHigh, layer.Measured?.Log10GradientNorm })
            .OfType<double>().Where(double.IsFinite)];
        double least = values.Length > 0 ? Math.Floor(values.Min()) : 0;
        double most = values.Length > 0 ? Math.Max(least + 1, Math.Ceiling(values.Max())) : 1;
        double X(int layer) => Left + (Width * (layer + 0.5) / Math.Max(1, layers.Count));
        double Y(double decades) => Top + (Height * (most - decades) / (most - least));

        StringBuilder svg = new();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Left + Width + 20} {Top + Height + 40}\" font-family=\"sans-serif\" font-size=\"12\">\n"))
            .Append(Invariant($"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{Left}\" y=\"22\">log10 |dL/dW| per layer: predicted (band: 95 %) and measured (dots)</text>\n"));
        double step = Math.Max(1, Math.Ceiling((most - least) / 10));
        for (double decade = least; decade <= most; decade += step)
        {
            svg.Append(Invariant($"<line x1=\"{Left}\" x2=\"{Left + Width}\" y1=\"{Y(decade):0.#}\" y2=\"{Y(decade):0.#}\" stroke=\"#ddd\"/><text x=\"{Left - 8}\" y=\"{Y(decade) + 4:0.#}\" text-anchor=\"end\">{decade:0}</text>\n"));
        }

        (int Layer, double Low, double Middle, double High)[] band =
        [
            .. layers.Select((layer, i) => (i, layer.Predicted?.Log10GradientNormLow ?? double.NaN, layer.Predicted?.Log10GradientNorm ?? double.NaN, layer.Predicted?.Log10GradientNormHigh ?? double.NaN))
                .Where(one => double.IsFinite(one.Item2) && double.IsFinite(one.Item3) && double.IsFinite(one.Item4)),
        ];
        IEnumerable<string> outline = band.Select(one => Point(X(one.Layer), Y(one.High))).Concat(Enumerable.Reverse(band).Select(one => Point(X(one.Layer), Y(one.Low))));
        svg.Append($"<polygon points=\"{string.Join(' ', outline)}\" fill=\"#4a7fd0\" fill-opacity=\"0.2\"/>\n")
            .Append($"<polyline points=\"{string.Join(' ', band.Select(one => Point(X(one.Layer), Y(one.Middle))))}\" fill=\"none\" stroke=\"#4a7fd0\" stroke-width=\"2\"/>\n");
        for (int i = 0; i < layers.Count; i++)
        {
            if (layers[i].Measured?.Log10GradientNorm is { } norm && double.IsFinite(norm))
            {
                svg.Append(Invariant($"<circle cx=\"{X(i):0.#}\" cy=\"{Y(norm):0.#}\" r=\"4\" fill=\"#d0603a\"><title>{SecurityElement.Escape(layers[i].Name)}: {norm:0.00}</title></circle>\n"));
            }
        }

        return svg.Append(Invariant($"<text x=\"{Left}\" y=\"{Top + Height + 24}\">{SecurityElement.Escape(layers.Count > 0 ? $"{layers[0].Name} to {layers[^1].Name}" : "no weight layers")}</text>\n</svg>\n")).ToString();
    }

    private static string Point(double x, double y) => Invariant($"{x:0.#},{y:0.#}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
