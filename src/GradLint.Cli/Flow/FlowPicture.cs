using System.Globalization;
using System.Security;
using System.Text;

namespace GradLint.Cli.Flow;

/// <summary>The gradient norms as a picture (SVG): one panel per network, one column per weight layer, decades upwards.</summary>
internal static class FlowPicture
{
    private const double Width = 820;
    private const double PanelHeight = 330;
    private const double Left = 60;
    private const double Right = 20;
    private const double Top = 44;
    private const double PlotHeight = 180;

    /// <summary>More names than that do not fit under the axis.</summary>
    private const int MostNames = 28;

    public static string Draw(IReadOnlyList<ModelReport> models)
    {
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {PanelHeight * models.Count}\" width=\"{Width}\" font-family=\"sans-serif\" font-size=\"12\">\n"))
            .Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (int i = 0; i < models.Count; i++)
        {
            svg.Append(Invariant($"<g transform=\"translate(0 {PanelHeight * i})\">\n"));
            DrawPanel(svg, models[i]);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void DrawPanel(StringBuilder svg, ModelReport model)
    {
        string colour = ColourOf(model.Class);
        string growth = model.Growth is { } decades && double.IsFinite(decades) ? Invariant($": growth {decades:0.0} decades ({model.Low:0.0} to {model.High:0.0})") : "";
        svg.Append(Invariant($"<text x=\"{Left}\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{Escape(model.Name)}</text>"))
            .Append(Invariant($"<text x=\"{Width - Right}\" y=\"20\" text-anchor=\"end\" fill=\"{colour}\">{model.Class.ToString().ToLowerInvariant()}{growth}</text>\n"));
        (int Column, LayerReport Layer, double Norm)[] known =
        [
            .. model.Layers.Select((layer, i) => (i, layer, layer.Log10GradientNorm ?? double.NaN)).Where(one => double.IsFinite(one.Item3)),
        ];
        if (known.Length == 0)
        {
            svg.Append(Invariant($"<text x=\"{Left}\" y=\"{Top}\" fill=\"#666\">{Escape(model.Opaque.Count > 0 ? model.Opaque[0] : "no prediction")}</text>\n"));
            return;
        }

        double least = Math.Floor(known.Min(one => one.Layer.Interval?.Low ?? one.Norm));
        double most = Math.Max(least + 1, Math.Ceiling(known.Max(one => one.Layer.Interval?.High ?? one.Norm)));
        double X(int column) => Left + ((Width - Left - Right) * (column + 0.5) / model.Layers.Count);
        double Y(double value) => Top + (PlotHeight * (most - value) / (most - least));

        DrawGrid(svg, least, most, Y);
        string outline = string.Join(' ', known.Select(one => Point(X(one.Column), Y(one.Layer.Interval?.High ?? one.Norm)))
            .Concat(Enumerable.Reverse(known).Select(one => Point(X(one.Column), Y(one.Layer.Interval?.Low ?? one.Norm)))));
        svg.Append($"<polygon points=\"{outline}\" fill=\"{colour}\" fill-opacity=\"0.18\"/>\n")
            .Append($"<polyline points=\"{string.Join(' ', known.Select(one => Point(X(one.Column), Y(one.Norm))))}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n");
        foreach ((int column, LayerReport layer, double norm) in known)
        {
            svg.Append(Invariant($"<circle cx=\"{X(column):0.#}\" cy=\"{Y(norm):0.#}\" r=\"3.5\" fill=\"{colour}\"><title>{Escape(layer.Name)}: {norm:0.00}</title></circle>\n"));
        }

        DrawNames(svg, model.Layers, X);
    }

    private static void DrawGrid(StringBuilder svg, double least, double most, Func<double, double> y)
    {
        double step = Math.Max(1, Math.Ceiling((most - least) / 8));
        for (double decade = least; decade <= most; decade += step)
        {
            svg.Append(Invariant($"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y(decade):0.#}\" y2=\"{y(decade):0.#}\" stroke=\"#ddd\"/>"))
                .Append(Invariant($"<text x=\"{Left - 8}\" y=\"{y(decade) + 4:0.#}\" text-anchor=\"end\">{decade:0}</text>\n"));
        }

        double middle = Top + (PlotHeight / 2);
        svg.Append(Invariant($"<text x=\"16\" y=\"{middle}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {middle})\">log10 |dL/dW|</text>\n"));
    }

    private static void DrawNames(StringBuilder svg, IReadOnlyList<LayerReport> layers, Func<int, double> x)
    {
        int every = (layers.Count + MostNames - 1) / MostNames;
        double y = Top + PlotHeight + 14;
        for (int i = 0; i < layers.Count; i += every)
        {
            svg.Append(Invariant($"<text x=\"{x(i) + 4:0.#}\" y=\"{y}\" font-size=\"10\" text-anchor=\"end\" transform=\"rotate(-40 {x(i) + 4:0.#} {y})\">{Escape(Short(layers[i].Name))}</text>\n"));
        }
    }

    /// <summary>The end of a path says more than its beginning.</summary>
    private static string Short(string name) => name.Length <= 18 ? name : "…" + name[^17..];

    private static string ColourOf(FlowClass outcome) => outcome switch
    {
        FlowClass.Explodes => "#c8442e",
        FlowClass.Vanishes => "#3465b0",
        FlowClass.Fine => "#2e8b57",
        _ => "#777777",
    };

    private static string Point(double x, double y) => Invariant($"{x:0.#},{y:0.#}");

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
