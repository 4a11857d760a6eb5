using GradLint.Infrastructure;
using GradLint.SignalPropagation;
using Spectre.Console;

namespace GradLint.Cli.Flow;

/// <summary>The networks for people to read: what the growth means, a table of the layers, and what the numbers rest on.</summary>
internal sealed class FlowText(IAnsiConsole console, Func<string, string> path)
{
    public void Write(IReadOnlyList<ModelReport> models)
    {
        foreach (ModelReport model in models)
        {
            Write(model);
        }

        string classes = string.Join(", ", models.GroupBy(model => model.Class).OrderBy(same => same.Key).Select(same => $"{same.Count()} {Word(same.Key)}"));
        Line($"{models.Count} {(models.Count == 1 ? "model" : "models")}: {classes}");
    }

    private static string Word(FlowClass outcome) => outcome.ToString().ToLowerInvariant();

    private void Write(ModelReport model)
    {
        console.Write(new Text(model.Name, new Style(decoration: Decoration.Bold)));
        console.Write(new Text($"  {path(model.File)}({model.Line})  "));
        console.Write(new Text(Word(model.Class), ColourOf(model.Class)));
        console.WriteLine();
        Line(Meaning(model));
        if (model.GrowthThroughTime is { } throughTime)
        {
            Line($"Through time, from the last step to the first: {Factor(throughTime)}.");
        }

        if (model.Layers.Count > 0)
        {
            console.Write(LayerTable.Of(model, ColourOf(model.Class), console.Profile.Capabilities.Unicode));
        }

        // An input without any gradient, as that of an embedding, is no finding.
        foreach (RangeFinding finding in model.Findings.Where(finding => double.IsFinite(finding.Log10Magnitude)))
        {
            Line($"! {Words(finding)}");
        }

        List("Where the growth comes from, in decades", model.Contributions.Select(one => $"{one.Decades,6:+0.0;-0.0}  {one.Choice}"));
        List("Assumed", model.Layers.Any(layer => layer.Log10GradientNorm is not null) ? model.Assumptions : []);
        List("Not understood", model.Opaque);
        console.WriteLine();
    }

    private static string Meaning(ModelReport model) => model.Growth switch
    {
        null when model is { Low: { } low, High: { } high } =>
            $"No one number can be told: the backward signal changes by 10^{low:0.#} to 10^{high:0.#}, depending on the weights that are drawn.",
        null when model.Opaque.Count > 0 => "Not predicted: a part of it is not understood.",
        null => "Nothing can be predicted.",
        double.NegativeInfinity => "No gradient reaches the first layer at all: some weights on its way are zero.",
        0 when model.Layers.Count == 1 => "One layer with weights: there is nothing for the gradient to grow over.",
        { } growth => $"The backward signal gets {Factor(growth)} on its way from '{model.Layers[^1].Name}' back to '{model.Layers[0].Name}'"
            + $" (growth {growth:0.00}, {model.Low:0.00} to {model.High:0.00}).",
    };

    /// <summary>One significant digit is what the prediction is good for.</summary>
    private static string Factor(double decades) => Magnitude.OfDecades(decades) is var times && times == "1"
        ? "hardly larger or smaller"
        : $"about {times} times {(decades > 0 ? "larger" : "smaller")}";

    private static string Words(RangeFinding finding) => finding.Problem switch
    {
        RangeProblem.ForwardOverflow => $"Activations overflow float32 at '{finding.Node}' (10^{finding.Log10Magnitude:0}).",
        RangeProblem.ForwardUnderflow => $"Activations underflow to 0 at '{finding.Node}' (10^{finding.Log10Magnitude:0}).",
        RangeProblem.BackwardOverflow => $"Gradients overflow float32 at '{finding.Node}' (10^{finding.Log10Magnitude:0}).",
        _ => $"Gradients underflow to 0 at '{finding.Node}' (10^{finding.Log10Magnitude:0}).",
    };

    private void List(string heading, IEnumerable<string> items)
    {
        bool isFirst = true;
        foreach (string item in items)
        {
            if (isFirst)
            {
                Line($"{heading}:");
            }

            Line($"  {item}");
            isFirst = false;
        }
    }

    private void Line(string text)
    {
        console.Write(new Text(text));
        console.WriteLine();
    }

    private static Color ColourOf(FlowClass outcome) => outcome switch
    {
        FlowClass.Explodes => Color.Red,
        FlowClass.Vanishes => Color.Blue,
        FlowClass.Fine => Color.Green,
        _ => Color.Grey,
    };
}
