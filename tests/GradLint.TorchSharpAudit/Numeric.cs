using static TorchSharp.torch;

namespace GradLint.TorchSharpAudit;

/// <summary>Definitions in plain C# against TorchSharp, in double precision, forward and backward.</summary>
internal static class Numeric
{
    private const double ForwardTolerance = 1e-10;
    private const double BackwardTolerance = 1e-7;
    private const double Step = 5e-4;

    /// <summary>Two checks: the values, and the gradient of sum_i sin(i + 1) y_i against the derivative of the definition.</summary>
    public static IEnumerable<Check> Checks(string family, string name, long[] shape, double[] input, Func<double[], double[]> definition, Func<Tensor, Tensor> torchSharp)
    {
        yield return new Check(family, name, "forward", ForwardTolerance, () =>
        {
            using var scope = NewDisposeScope();
            return Distance(definition(input), Values(torchSharp(tensor(input, shape, ScalarType.Float64))));
        });
        yield return new Check(family, name, "backward", BackwardTolerance, () =>
        {
            using var scope = NewDisposeScope();
            Tensor x = tensor(input, shape, ScalarType.Float64).requires_grad_();
            Tensor y = torchSharp(x * 1.0).reshape(-1);
            (y * tensor(Weights((int)y.NumberOfElements))).sum().backward();
            return Distance(Derivative(point => Weighted(definition(point)), input), Values(x.grad!));
        });
    }

    /// <summary>The largest difference between two lists, relative to the size of the expected value where that is above 1.</summary>
    public static double Distance(double[] expected, double[] actual) => expected.Length != actual.Length
        ? double.PositiveInfinity
        : expected.Zip(actual, (e, a) => double.IsNaN(a) ? double.NaN : Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Aggregate(0.0, (most, one) => !(one <= most) ? one : most);

    /// <summary>The elements in double precision.</summary>
    public static double[] Values(Tensor tensor) => tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    /// <summary>Numbers that look like noise and are the same everywhere.</summary>
    public static double[] Noise(int count, double scale = 1, int seed = 1) =>
        [.. Enumerable.Range(0, count).Select(i => scale * 1.7 * Math.Sin((i + 1) * (12.9898 + seed)) * Math.Cos(0.37 * i * seed))];

    private static double[] Weights(int count) => [.. Enumerable.Range(0, count).Select(i => Math.Sin(i + 1))];

    private static double Weighted(double[] values) => values.Select((value, i) => value * Math.Sin(i + 1)).Sum();

    // Five points: the error is of fourth order in the step.
    private static double[] Derivative(Func<double[], double> function, double[] at)
    {
        double[] point = [.. at];
        double[] derivative = new double[at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            double Shifted(double by)
            {
                point[i] = at[i] + by;
                return function(point);
            }

            derivative[i] = ((8 * (Shifted(Step) - Shifted(-Step))) - (Shifted(2 * Step) - Shifted(-2 * Step))) / (12 * Step);
            point[i] = at[i];
        }

        return derivative;
    }
}
