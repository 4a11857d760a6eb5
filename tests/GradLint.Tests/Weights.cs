using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>A model that is nothing but parameters, w0 to wn, whose gradients a test sets by hand.</summary>
internal sealed class Weights : nn.Module
{
    private readonly Parameter[] _values;

    public Weights(params Tensor[] values)
        : base("weights")
    {
        _values = [.. values.Select(value => new Parameter(value))];
        for (int i = 0; i < _values.Length; i++)
        {
            register_parameter($"w{i}", _values[i]);
        }
    }

    public static Weights OfZeros(int count, long size = 4, ScalarType type = ScalarType.Float32) =>
        new([.. Enumerable.Range(0, count).Select(_ => zeros(size, dtype: type))]);

    public Parameter this[int index] => _values[index];

    public optim.Optimizer Sgd(double learningRate = 0.1) => optim.SGD(parameters(), learningRate);

    public Weights WithGradients(params Tensor?[] gradients)
    {
        for (int i = 0; i < gradients.Length; i++)
        {
            _values[i].grad = gradients[i];
        }

        return this;
    }

    public double[] Gradient(int index)
    {
        using Tensor gradient = _values[index].grad!;
        return gradient.to_dense().contiguous().Doubles();
    }

    public double[] Values(int index) => _values[index].Doubles();

    /// <summary>The norm of all gradients together, in double.</summary>
    public double GradientNorm() =>
        Math.Sqrt(Enumerable.Range(0, _values.Length).SelectMany(Gradient).Sum(x => x * x));
}

internal static class TensorContents
{
    public static double[] Doubles(this Tensor tensor) => tensor.detach().to(ScalarType.Float64).data<double>().ToArray();

    public static byte[] Bits(this Tensor tensor) => tensor.detach().contiguous().bytes.ToArray();
}
