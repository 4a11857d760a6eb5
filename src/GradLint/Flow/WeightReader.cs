using GradLint.SignalPropagation;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>How a tensor of weights is drawn: as TorchSharp does by default, or as measured.</summary>
internal sealed class WeightReader(bool measure)
{
    // A mean that an honest draw of mean zero would exceed once in 370 times.
    private const double StandardErrors = 3;

    /// <summary>The measured weights, or the default where they are not to be measured.</summary>
    public Initializer Weight(Tensor weight, Initializer byDefault) => measure ? Measure(weight) : byDefault;

    /// <summary>Likewise for biases; null where there are none.</summary>
    public Initializer? Bias(Tensor? bias, Initializer byDefault) => bias is null ? null : Weight(bias, byDefault);

    /// <summary>The scale of a normalization layer; null for ones.</summary>
    public Initializer? Scale(Tensor? scale) => scale is null || !measure ? null : Measure(scale);

    private static Measured Measure(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = tensor.detach().to(ScalarType.Float64);
        double mean = values.mean().item<double>();
        // Not var(): TorchSharp 0.107 gives NaN for a single value, whatever its argument says.
        double variance = (values - mean).square().mean().item<double>();
        double error = Math.Sqrt(variance / Math.Max(1, tensor.NumberOfElements));
        return new Measured(Math.Abs(mean) <= StandardErrors * error ? 0 : mean, variance);
    }
}
