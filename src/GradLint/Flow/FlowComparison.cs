using System.Globalization;
using GradLint.SignalPropagation;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// The prediction for a model held against what autograd measures on it, layer by layer. One model and one batch are one draw from the distribution of which the
/// prediction tells the middle and, as a range, where 95 of 100 draws lie.
/// </summary>
/// <example><code>
/// Console.WriteLine(FlowComparison.Of(model, x, output => functional.mse_loss(output, y)));
/// </code></example>
public sealed class FlowComparison
{
    private FlowComparison(GradientFlow predicted, FlowMeasurement measured, IReadOnlyList<string> assumptions)
    {
        (Predicted, Measured) = (predicted, measured);
        Assumptions = [.. assumptions, .. predicted.Assumptions];
        Dictionary<string, LayerFlow> predictions = predicted.Layers.ToDictionary(layer => layer.Name);
        Dictionary<string, MeasuredLayer> measurements = measured.Layers.ToDictionary(layer => layer.Name);
        Layers =
        [
            .. InOrderOfUse([.. predicted.Layers.Select(layer => layer.Name)], measured.Layers.Select(layer => layer.Name))
                .Select(name => new LayerComparison(name, predictions.GetValueOrDefault(name), measurements.GetValueOrDefault(name))),
        ];
    }

    /// <summary>The prediction.</summary>
    public GradientFlow Predicted { get; }

    /// <summary>The measurement.</summary>
    public FlowMeasurement Measured { get; }

    /// <summary>The weight layers in order of use; what was predicted but not measured comes after the layer that it was predicted to follow.</summary>
    public IReadOnlyList<LayerComparison> Layers { get; }

    /// <summary>What was taken for granted, about the model and by the prediction.</summary>
    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>Predicts and measures a model, with the shape and the batch size of the input.</summary>
    /// <param name="module">The model.</param>
    /// <param name="input">A batch; the batch is its first dimension.</param>
    /// <param name="loss">From the model's output to the loss, a tensor with one element.</param>
    /// <param name="options">What the prediction assumes, most of all the loss; null for the mean squared error against targets of variance 1.</param>
    /// <param name="measureWeights">True to predict from mean and variance of the weights as they are; false to predict from TorchSharp's default initializers.</param>
    /// <exception cref="ArgumentException">The loss has more than one element, or no trainable parameter of the model takes part in it.</exception>
    public static FlowComparison Of(
        nn.Module<Tensor, Tensor> module, Tensor input, Func<Tensor, Tensor> loss, PropagationOptions? options = null, bool measureWeights = true)
    {
        ArgumentNullException.ThrowIfNull(input);
        ModuleGraph graph = ModuleGraph.Of(module, input.shape.AsSpan(1), measureWeights);
        GradientFlow predicted = SignalPropagator.Propagate(graph.Graph, (options ?? new PropagationOptions()) with { BatchSize = (int)input.shape[0] });
        return Of(predicted, FlowMeasurement.Of(module, input, loss), graph.Assumptions);
    }

    /// <summary>Holds a prediction and a measurement against each other; layers meet by their names.</summary>
    /// <param name="predicted">The prediction.</param>
    /// <param name="measured">The measurement.</param>
    /// <param name="assumptions">What was taken for granted about the model, as <see cref="ModuleGraph.Assumptions"/>.</param>
    public static FlowComparison Of(GradientFlow predicted, FlowMeasurement measured, IReadOnlyList<string>? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(measured);
        return new FlowComparison(predicted, measured, assumptions ?? []);
    }

    /// <summary>Writes the comparison as a table for a console.</summary>
    public void WriteTo(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FlowTable.Write(this, writer);
    }

    /// <summary>The comparison as a table for a console.</summary>
    public override string ToString()
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        WriteTo(text);
        return text.ToString();
    }

    /// <summary>The comparison as a picture: log10 |dL/dW| of every layer, the predicted range as a band, the measured values as dots.</summary>
    /// <returns>An SVG document.</returns>
    public string ToSvg() => FlowPicture.Draw(this);

    private static List<string> InOrderOfUse(List<string> predicted, IEnumerable<string> measured)
    {
        List<string> names = [.. measured];
        for (int i = 0; i < predicted.Count; i++)
        {
            if (!names.Contains(predicted[i]))
            {
                names.Insert(i == 0 ? 0 : names.IndexOf(predicted[i - 1]) + 1, predicted[i]);
            }
        }

        return names;
    }
}

/// <summary>One weight layer, predicted and measured.</summary>
/// <param name="Name">The layer's path in the model.</param>
/// <param name="Predicted">The prediction; null where the model's graph does not have the layer there.</param>
/// <param name="Measured">The measurement; null where the layer was not used.</param>
public sealed record LayerComparison(string Name, LayerFlow? Predicted, MeasuredLayer? Measured)
{
    /// <summary>Measured less predicted log10 |dL/dW|; null where one of them is missing.</summary>
    public double? GradientNormError => Measured?.Log10GradientNorm - Predicted?.Log10GradientNorm;

    /// <summary>Whether the measured gradient norm lies in the predicted range; null where one of them is missing.</summary>
    public bool? IsInRange => Measured?.Log10GradientNorm is { } norm && Predicted is { } range
        ? norm >= range.Log10GradientNormLow && norm <= range.Log10GradientNormHigh
        : null;
}
