using static TorchSharp.torch;

namespace GradLint.TorchSharpAudit;

/// <summary>Variance and standard deviation, which normalizations of one's own are made of.</summary>
internal static class StatisticsChecks
{
    private const string Family = "Statistics";
    private const int Rows = 3;
    private const int Columns = 4;
    private static readonly double[] s_x = Numeric.Noise(Rows * Columns);

    public static IEnumerable<Check> All() =>
    [
        .. Whole("Tensor.var()", x => Variance(x, 1), x => x.var()),
        .. Whole("Tensor.var(unbiased: false)", x => Variance(x, 0), x => x.var(unbiased: false)),
        .. Whole("torch.var(unbiased: false)", x => Variance(x, 0), x => var(x, unbiased: false)),
        .. Whole("Tensor.std()", x => Math.Sqrt(Variance(x, 1)), x => x.std()),
        .. Whole("Tensor.std(unbiased: false)", x => Math.Sqrt(Variance(x, 0)), x => x.std(unbiased: false)),
        .. Whole("torch.var_mean()", x => Variance(x, 1), x => var_mean(x).var),
        .. Whole("Tensor.var_mean(unbiased: false)", x => Variance(x, 0), x => x.var_mean(unbiased: false).var),
        .. Whole("torch.var_mean(unbiased: false)", x => Variance(x, 0), x => var_mean(x, unbiased: false).var),
        .. Whole("torch.std_mean(unbiased: false)", x => Math.Sqrt(Variance(x, 0)), x => std_mean(x, unbiased: false).std),
        .. OfRows("Tensor.var(1)", x => Variance(x, 1), x => x.var(1)),
        .. OfRows("Tensor.var(1, unbiased: false)", x => Variance(x, 0), x => x.var(1, unbiased: false)),
        .. OfRows("Tensor.var([1], unbiased: false)", x => Variance(x, 0), x => x.var([1L], unbiased: false)),
        .. OfRows("Tensor.std(1, unbiased: false)", x => Math.Sqrt(Variance(x, 0)), x => x.std(1, unbiased: false)),
        .. OfRows("torch.var(1, unbiased: false)", x => Variance(x, 0), x => var(x, 1, unbiased: false)),
        .. OfRows("torch.var_mean(1, unbiased: false)", x => Variance(x, 0), x => var_mean(x, 1, unbiased: false).var),
    ];

    private static IEnumerable<Check> Whole(string name, Func<double[], double> definition, Func<Tensor, Tensor> torchSharp) =>
        Numeric.Checks(Family, name, [Rows, Columns], s_x, values => [definition(values)], x => torchSharp(x).reshape(1));

    private static IEnumerable<Check> OfRows(string name, Func<double[], double> definition, Func<Tensor, Tensor> torchSharp) =>
        Numeric.Checks(Family, name, [Rows, Columns], s_x, values => [.. values.Chunk(Columns).Select(definition)], torchSharp);

    private static double Variance(double[] values, int correction) => values.Sum(x => (x - values.Average()) * (x - values.Average())) / (values.Length - correction);
}
