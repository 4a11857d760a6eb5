using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using GELU = TorchSharp.Modules.GELU;

namespace GradLint.TorchSharpAudit;

/// <summary>The activations, as modules, as functions and in place, on a grid over [-8, 8] that stays off their kinks.</summary>
internal static class ActivationChecks
{
    private const string Family = "Activations";
    private static readonly double[] s_grid = [.. Enumerable.Range(0, 101).Select(i => -8.003 + (0.1602 * i))];

    public static IEnumerable<Check> All() =>
    [
        .. Elementwise(x => Math.Max(0, x), ("nn.ReLU()", nn.ReLU().call), ("functional.relu", x => F.relu(x)), ("functional.relu(inplace)", x => F.relu(x, true))),
        .. Elementwise(x => x > 0 ? x : 0.01 * x, ("nn.LeakyReLU()", nn.LeakyReLU().call), ("functional.leaky_relu", x => F.leaky_relu(x)), ("functional.leaky_relu(inplace)", x => F.leaky_relu(x, 0.01, true))),
        .. Elementwise(x => x > 0 ? x : 0.3 * x, ("nn.LeakyReLU(0.3)", nn.LeakyReLU(0.3).call)),
        .. Elementwise(x => x > 0 ? x : 0.25 * x, ("nn.PReLU(1)", x => nn.PReLU(1, dtype: ScalarType.Float64).call(x))),
        .. Elementwise(x => Math.Clamp(x, 0, 6), ("nn.ReLU6()", nn.ReLU6().call), ("functional.relu6", x => F.relu6(x)), ("functional.relu6(inplace)", x => F.relu6(x, true))),
        .. Elementwise(x => x > 0 ? x : Math.Exp(x) - 1, ("nn.ELU()", nn.ELU().call), ("functional.elu", x => F.elu(x, 1)), ("functional.elu(inplace)", x => F.elu(x, 1, true))),
        .. Elementwise(x => x > 0 ? x : 0.7 * (Math.Exp(x) - 1), ("nn.ELU(0.7)", nn.ELU(0.7).call)),
        .. Elementwise(x => x > 0 ? x : 0.7 * (Math.Exp(x / 0.7) - 1), ("nn.CELU(0.7)", nn.CELU(0.7).call), ("functional.celu", x => F.celu(x, 0.7)), ("functional.celu(inplace)", x => F.celu(x, 0.7, true))),
        .. Elementwise(x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1)), ("nn.SELU()", nn.SELU().call), ("functional.selu", x => F.selu(x)), ("functional.selu(inplace)", x => F.selu(x, true))),
        .. Elementwise(x => x * Normal(x), ("nn.GELU()", nn.GELU().call), ("functional.gelu", x => F.gelu(x)), ("functional.gelu(inplace)", x => F.gelu(x, true))),
        .. Elementwise(x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))), ("functional.gelu(tanh)", x => F.gelu(x, GELU.Approximate.tanh))),
        .. Elementwise(x => x * Logistic(x), ("nn.SiLU()", nn.SiLU().call), ("functional.silu", x => F.silu(x)), ("functional.silu(inplace)", x => F.silu(x, true))),
        .. Elementwise(x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))), ("nn.Mish()", nn.Mish().call), ("functional.mish", x => F.mish(x)), ("nn.Mish(inplace)", nn.Mish(true).call), ("functional.mish(inplace)", x => F.mish(x, true))),
        .. Elementwise(Math.Tanh, ("nn.Tanh()", nn.Tanh().call), ("functional.tanh", x => F.tanh(x)), ("functional.tanh(inplace)", x => F.tanh(x, true))),
        .. Elementwise(Logistic, ("nn.Sigmoid()", nn.Sigmoid().call), ("functional.sigmoid", x => F.sigmoid(x)), ("functional.sigmoid(inplace)", x => F.sigmoid(x, true))),
        .. Elementwise(x => x / (1 + Math.Abs(x)), ("nn.Softsign()", nn.Softsign().call), ("functional.softsign", x => F.softsign(x)), ("nn.Softsign(inplace)", nn.Softsign(true).call), ("functional.softsign(inplace)", x => F.softsign(x, true))),
        .. Elementwise(x => x > 20 ? x : Math.Log(1 + Math.Exp(x)), ("nn.Softplus()", nn.Softplus().call), ("functional.softplus", x => F.softplus(x))),
        .. Elementwise(x => 2 * x > 20 ? x : Math.Log(1 + Math.Exp(2 * x)) / 2, ("nn.Softplus(2)", nn.Softplus(2).call)),
        .. Elementwise(x => -Math.Log(1 + Math.Exp(-x)), ("nn.LogSigmoid()", nn.LogSigmoid().call), ("functional.logsigmoid", x => F.logsigmoid(x))),
        .. Elementwise(x => x - Math.Tanh(x), ("nn.Tanhshrink()", nn.Tanhshrink().call), ("functional.tanhshrink", x => F.tanhshrink(x)), ("functional.tanhshrink(inplace)", x => F.tanhshrink(x, true))),
        .. Elementwise(x => Math.Abs(x) > 0.5 ? x : 0, ("nn.Hardshrink()", nn.Hardshrink().call), ("functional.hardshrink", x => F.hardshrink(x))),
        .. Elementwise(x => x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : 0, ("nn.Softshrink()", nn.Softshrink().call), ("functional.softshrink", x => F.softshrink(x))),
        .. Elementwise(x => Math.Clamp(x, -1, 1), ("nn.Hardtanh()", nn.Hardtanh().call), ("functional.hardtanh", x => F.hardtanh(x)), ("Tensor.hardtanh", x => x.hardtanh(-1, 1)), ("nn.Hardtanh(inplace)", nn.Hardtanh(inplace: true).call)),
        .. Elementwise(x => x * Math.Clamp(x + 3, 0, 6) / 6, ("nn.Hardswish()", nn.Hardswish().call), ("functional.hardswish", x => F.hardswish(x)), ("functional.hardswish(inplace)", x => F.hardswish(x, true))),
        .. Elementwise(x => Math.Clamp(x + 3, 0, 6) / 6, ("nn.Hardsigmoid()", nn.Hardsigmoid().call), ("functional.hardsigmoid", x => F.hardsigmoid(x)), ("functional.hardsigmoid(inplace)", x => F.hardsigmoid(x, true))),
        .. Elementwise(x => x > 0.4 ? x : -2, ("nn.Threshold(0.4, -2)", nn.Threshold(0.4, -2).call), ("functional.threshold", x => F.threshold(x, 0.4, -2)), ("functional.threshold(inplace)", x => F.threshold(x, 0.4, -2, true))),
        .. Elementwise(x => x > 0 ? x : x * (1.0 / 8 + 1.0 / 3) / 2, ("nn.RReLU() in evaluation mode", x => Evaluating(nn.RReLU(), x))),
        .. Rows(row => [.. row.Select(x => Math.Exp(x) / row.Sum(Math.Exp))], ("nn.Softmax(1)", nn.Softmax(1).call), ("functional.softmax", x => F.softmax(x, -1))),
        .. Rows(row => [.. row.Select(x => Math.Exp(-x) / row.Sum(y => Math.Exp(-y)))], ("nn.Softmin(1)", nn.Softmin(1).call), ("functional.softmin", x => F.softmin(x, 1))),
        .. Rows(row => [.. row.Select(x => x - Math.Log(row.Sum(Math.Exp)))], ("nn.LogSoftmax(1)", nn.LogSoftmax(1).call), ("functional.log_softmax", x => F.log_softmax(x, 1))),
        .. Rows(row => [.. row.Take(3).Select((x, i) => x * Logistic(row[i + 3]))], ("nn.GLU()", nn.GLU().call), ("functional.glu", x => F.glu(x))),
        new Check(Family, "nn.RReLU() in training mode", "slopes differ between units", 0, () => SlopesAreOne(nn.RReLU().call)),
        new Check(Family, "functional.rrelu", "slopes differ between units", 0, () => SlopesAreOne(x => F.rrelu(x))),
    ];

    private static IEnumerable<Check> Elementwise(Func<double, double> definition, params (string Name, Func<Tensor, Tensor> TorchSharp)[] forms) =>
        forms.SelectMany(form => Numeric.Checks(Family, form.Name, [s_grid.Length], s_grid, values => [.. values.Select(definition)], form.TorchSharp));

    private static IEnumerable<Check> Rows(Func<double[], double[]> definition, params (string Name, Func<Tensor, Tensor> TorchSharp)[] forms) =>
        forms.SelectMany(form => Numeric.Checks(Family, form.Name, [4, 6], Numeric.Noise(24), values => [.. values.Chunk(6).SelectMany(definition)], form.TorchSharp));

    private static Tensor Evaluating(nn.Module<Tensor, Tensor> module, Tensor x)
    {
        module.eval();
        return module.call(x);
    }

    // 1 where all negative units get the same slope, 0 where they do not.
    private static double SlopesAreOne(Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        double[] slopes = Numeric.Values(-function(-ones(100, dtype: ScalarType.Float64)));
        return slopes.Distinct().Count() > 50 ? 0 : 1;
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    // The Gaussian distribution function: its series near 0, its continued fraction beyond.
    private static double Normal(double x)
    {
        double size = Math.Abs(x);
        double density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        if (size < 4)
        {
            double term = x;
            double sum = x;
            for (int n = 1; n < 120; n++)
            {
                term *= x * x / ((2 * n) + 1);
                sum += term;
            }

            return 0.5 + (density * sum);
        }

        double fraction = size;
        for (int n = 120; n > 0; n--)
        {
            fraction = size + (n / fraction);
        }

        return x > 0 ? 1 - (density / fraction) : density / fraction;
    }
}
