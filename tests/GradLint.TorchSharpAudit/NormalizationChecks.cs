using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace GradLint.TorchSharpAudit;

/// <summary>The normalization layers and dropout, over [B, C, L].</summary>
internal static class NormalizationChecks
{
    private const string Family = "Normalization";
    private const int B = 3;
    private const int C = 4;
    private const int L = 5;
    private const double Epsilon = 1e-5;
    private static readonly long[] s_shape = [B, C, L];
    private static readonly double[] s_x = [.. Numeric.Noise(B * C * L).Select((x, i) => x + (0.3 * (i / L % C)))];
    private static readonly double[] s_scale = [1.2, 0.7, -0.4, 2];
    private static readonly double[] s_shift = [0.1, -0.2, 0.3, 0];

    public static IEnumerable<Check> All() =>
    [
        .. Of("nn.BatchNorm1d(4)", i => Channel(i), (y, _) => y, x => Create(nn.BatchNorm1d(C)).call(x)),
        .. Of("functional.batch_norm(training)", i => Channel(i), (y, i) => (y * s_scale[Channel(i)]) + s_shift[Channel(i)], x => F.batch_norm(x, null, null, Tensor(s_scale), Tensor(s_shift), training: true)),
        .. Of("functional.layer_norm", i => i / L, (y, _) => y, x => F.layer_norm(x, [L])),
        .. Of("nn.LayerNorm([4, 5])", i => i / (C * L), (y, _) => y, x => Create(nn.LayerNorm([C, L])).call(x)),
        .. Of("nn.GroupNorm(2, 4, affine: false)", i => i / (2 * L), (y, _) => y, x => nn.GroupNorm(2, C, affine: false).call(x)),
        .. Of("functional.group_norm", i => i / (2 * L), (y, i) => (y * s_scale[Channel(i)]) + s_shift[Channel(i)], x => F.group_norm(x, 2, Tensor(s_scale), Tensor(s_shift))),
        .. Of("nn.InstanceNorm1d(4)", i => i / L, (y, _) => y, x => nn.InstanceNorm1d(C).call(x)),
        .. Of("functional.instance_norm", i => i / L, (y, i) => (y * s_scale[Channel(i)]) + s_shift[Channel(i)], x => F.instance_norm(x, weight: Tensor(s_scale), bias: Tensor(s_shift))),
        .. Numeric.Checks(Family, "functional.normalize", s_shape, s_x, values => [.. values.Select((x, i) => x / Math.Sqrt(Enumerable.Range(0, C).Sum(c => Square(values[(i / (C * L) * C * L) + (c * L) + (i % L)]))))], x => F.normalize(x)),
        .. Numeric.Checks(Family, "nn.BatchNorm1d(4) in evaluation mode", s_shape, s_x, values => [.. values.Select((x, i) => (x - s_shift[Channel(i)]) / Math.Sqrt(Math.Abs(s_scale[Channel(i)]) + Epsilon))], x => Evaluate(x)),
        new Check(Family, "nn.BatchNorm1d(4)", "running mean and variance after one batch", 1e-6, RunningStatistics),
        new Check(Family, "nn.Dropout(0.3)", "share kept, in standard errors", 4, () => Math.Abs(Kept(nn.Dropout(0.3)) - 0.7) / Math.Sqrt(0.21 / 1e5)),
        new Check(Family, "nn.Dropout(0.3)", "what is kept is scaled by 1 / 0.7", 1e-6, () => Math.Abs(Largest(nn.Dropout(0.3)) - (1 / 0.7))),
        new Check(Family, "nn.Dropout(0.3) in evaluation mode", "passes its input on", 0, () =>
        {
            using nn.Module<Tensor, Tensor> dropout = nn.Dropout(0.3);
            dropout.eval();
            return Math.Abs(Kept(dropout) - 1);
        }),
    ];

    private static int Channel(int index) => index / L % C;

    private static Tensor Tensor(double[] values) => tensor(values, ScalarType.Float64);

    private static T Create<T>(T module)
        where T : nn.Module
    {
        module.to(ScalarType.Float64);
        return module;
    }

    private static IEnumerable<Check> Of(string name, Func<int, int> group, Func<double, int, double> affine, Func<Tensor, Tensor> torchSharp) =>
        Numeric.Checks(Family, name, s_shape, s_x, values => Normalized(values, group, affine), torchSharp);

    private static double[] Normalized(double[] values, Func<int, int> group, Func<double, int, double> affine)
    {
        Dictionary<int, double[]> members = values.Select((x, i) => (x, group: group(i))).GroupBy(one => one.group).ToDictionary(one => one.Key, one => one.Select(member => member.x).ToArray());
        Dictionary<int, (double Mean, double Root)> statistics = members.ToDictionary(one => one.Key, one =>
        {
            double mean = one.Value.Average();
            return (mean, Math.Sqrt(one.Value.Average(x => Square(x - mean)) + Epsilon));
        });
        return [.. values.Select((x, i) => affine((x - statistics[group(i)].Mean) / statistics[group(i)].Root, i))];
    }

    private static Tensor Evaluate(Tensor x)
    {
        var norm = Create(nn.BatchNorm1d(C));
        using (no_grad())
        {
            norm.running_mean!.copy_(Tensor(s_shift));
            norm.running_var!.copy_(Tensor(s_scale).abs());
        }

        norm.eval();
        return norm.call(x);
    }

    private static double RunningStatistics()
    {
        using var scope = NewDisposeScope();
        var norm = Create(nn.BatchNorm1d(C));
        norm.call(tensor(s_x, s_shape, ScalarType.Float64));
        double[][] channels = [.. Enumerable.Range(0, C).Select(c => s_x.Where((_, i) => Channel(i) == c).ToArray())];
        double[] means = [.. channels.Select(channel => 0.1 * channel.Average())];
        double[] variances = [.. channels.Select(channel => 0.9 + (0.1 * channel.Sum(x => Square(x - channel.Average())) / (channel.Length - 1)))];
        return Math.Max(Numeric.Distance(means, Numeric.Values(norm.running_mean!)), Numeric.Distance(variances, Numeric.Values(norm.running_var!)));
    }

    private static double Kept(nn.Module<Tensor, Tensor> dropout)
    {
        using var scope = NewDisposeScope();
        manual_seed(1234);
        return dropout.call(ones(100_000)).ne(0).to(ScalarType.Float64).mean().item<double>();
    }

    private static double Largest(nn.Module<Tensor, Tensor> dropout)
    {
        using var scope = NewDisposeScope();
        return dropout.call(ones(1000, dtype: ScalarType.Float64)).max().item<double>();
    }

    private static double Square(double x) => x * x;
}
