using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// How the gradient runs through a live model for one batch, measured by autograd: the counterpart of the prediction. The measurement leaves the model as it was: no
/// <c>grad</c> is touched, and buffers such as running statistics are put back; dropout does draw from torch's random numbers.
/// </summary>
/// <example><code>
/// FlowMeasurement flow = FlowMeasurement.Of(model, x, output => functional.cross_entropy(output, y));
/// </code></example>
public sealed class FlowMeasurement
{
    internal FlowMeasurement(double loss, IReadOnlyList<MeasuredLayer> layers) => (Loss, Layers) = (loss, layers);

    /// <summary>The loss of the batch.</summary>
    public double Loss { get; }

    /// <summary>
    /// The weight layers in order of use, a layer that is used twice also twice. At the end those whose use could not be seen, because the model calls their
    /// <c>forward</c> instead of <c>call</c>, or holds weights outside of TorchSharp's layers: they have a gradient, but no signal.
    /// </summary>
    public IReadOnlyList<MeasuredLayer> Layers { get; }

    /// <summary>
    /// log10 of |dL/dz_first| / |dL/dz_last|, L2 norms over all elements, z the outputs of the first and the last weight layer in order of use: positive explodes, negative
    /// vanishes. Null with fewer than two weight layers, and where the signal of one of them could not be seen.
    /// </summary>
    public double? Growth => Layers.Count >= 2 && Layers.All(layer => layer.Log10SignalNorm is not null) ? Layers[0].Log10SignalNorm - Layers[^1].Log10SignalNorm : null;

    /// <summary>Measures a model that takes a tensor and gives one.</summary>
    /// <param name="module">The model.</param>
    /// <param name="input">A batch.</param>
    /// <param name="loss">From the model's output to the loss, a tensor with one element.</param>
    /// <exception cref="ArgumentException">The loss has more than one element, or no trainable parameter of the model takes part in it.</exception>
    public static FlowMeasurement Of(nn.Module<Tensor, Tensor> module, Tensor input, Func<Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(loss);
        return Of(module, () => loss(module.call(input)));
    }

    /// <summary>Measures any model.</summary>
    /// <param name="module">The model, or the part of it whose layers are wanted.</param>
    /// <param name="loss">Runs the model once by <c>call</c> and computes the loss, a tensor with one element.</param>
    /// <exception cref="ArgumentException">The loss has more than one element, or no trainable parameter of the model takes part in it.</exception>
    public static FlowMeasurement Of(nn.Module module, Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(loss);
        using BufferCopy buffers = new(module);
        using FlowRecorder recorder = new(module);
        using IDisposable gradients = enable_grad();
        using Tensor value = loss();
        recorder.StopListening();
        return value.NumberOfElements == 1
            ? new FlowMeasurement(value.to(ScalarType.Float64).item<double>(), recorder.Read(value))
            : throw new ArgumentException($"The loss has {value.NumberOfElements} elements; reduce it to one, as by mean().", nameof(loss));
    }
}

/// <summary>One use of a weight layer, as measured. Logarithms are negative infinity for a norm of zero and NaN where numbers left the range.</summary>
/// <param name="Name">The layer's path in the model, as <c>named_parameters()</c> writes it.</param>
/// <param name="Kind">The type of the layer.</param>
public sealed record MeasuredLayer(string Name, string Kind)
{
    /// <summary>log10 |dL/dW|, Frobenius, all uses together; null where the weights are frozen or take no part in the loss. For a recurrent layer that of the first recurrent weights, for attention that of its output projection.</summary>
    public double? Log10GradientNorm { get; init; }

    /// <summary>log10 |dL/dz|, L2 over all elements of the layer's output z in the batch; null where the output could not be seen.</summary>
    public double? Log10SignalNorm { get; init; }

    /// <summary>log10 E z^2 over all elements of the layer's output in the batch; null where the output could not be seen.</summary>
    public double? Log10SecondMoment { get; init; }
}
