using GradLint.Cli.CommandLine;

namespace GradLint.Cli.Flow;

/// <summary>The networks as JSON: <c>{"models":[{"name", "file", "line", "growth", "low", "high", "class", "layers", "assumptions", "opaque"}]}</c>.</summary>
internal static class FlowJson
{
    /// <summary>JSON has no infinity. Where no gradient passes at all its logarithm is written as -9999.</summary>
    private const double Infinite = 9999;

    public static string Write(IEnumerable<ModelReport> models, Func<string, string> path) => Json.Write(
        new
        {
            Models = models.Select(model => new
            {
                model.Name,
                File = path(model.File).Replace('\\', '/'),
                model.Line,
                Growth = Number(model.Growth),
                Low = Number(model.Low),
                High = Number(model.High),
                Class = model.Class.ToString().ToLowerInvariant(),
                Layers = model.Layers.Select(layer => new { layer.Name, layer.Kind, Log10GradientNorm = Number(layer.Log10GradientNorm) }),
                model.Assumptions,
                model.Opaque,
            }),
        });

    /// <summary>Six decimals are more than the prediction has.</summary>
    private static double? Number(double? value) => value is { } number ? Math.Round(Math.Clamp(number, -Infinite, Infinite), 6) : null;
}
