using Spectre.Console;

namespace GradLint.Cli.Flow;

/// <summary>The weight layers of a network, one line each, with a bar for the size of the gradient.</summary>
internal static class LayerTable
{
    private const int LongestName = 26;

    public static Table Of(ModelReport model, Style colour, bool unicode)
    {
        Bars? bars = Bars.For(model.Layers.Select(layer => layer.Log10GradientNorm), unicode);
        Table table = new Table().Border(TableBorder.Simple)
            .AddColumn(new TableColumn(new Text("layer")).NoWrap())
            .AddColumn(new TableColumn(new Text("kind")))
            .AddColumn(new TableColumn(new Text("shape")))
            .AddColumn(new TableColumn(new Text("init")));
        if (bars is not null)
        {
            table.AddColumn(new TableColumn(new Text("log10 |dL/dW|")).RightAligned().NoWrap())
                .AddColumn(new TableColumn(new Text(bars.Scale)).NoWrap());
        }

        foreach (LayerReport layer in model.Layers)
        {
            Text[] description = [new(Short(layer.Name)), new(layer.Kind), new(layer.Shape), new(layer.Initialization)];
            Text[] numbers = bars is null ? [] : [new(Number(layer.Log10GradientNorm)), new(bars.Of(layer.Log10GradientNorm), colour)];
            table.AddRow(new TableRow(description.Concat(numbers)));
        }

        return table;
    }

    /// <summary>The end of a path says more than its beginning.</summary>
    private static string Short(string name) => name.Length <= LongestName ? name : ".." + name[^(LongestName - 2)..];

    private static string Number(double? value) => value switch
    {
        null => "-",
        double.NegativeInfinity => "zero",
        { } number => $"{number:0.00}",
    };
}
