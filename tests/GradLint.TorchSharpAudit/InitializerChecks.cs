using static TorchSharp.torch;
using static TorchSharp.torch.nn.init;

namespace GradLint.TorchSharpAudit;

/// <summary>The distributions that weights are drawn from, explicitly and by default: mean, variance and the distribution function, in standard errors.</summary>
internal static class InitializerChecks
{
    private const string Explicit = "Initializers";
    private const string Defaults = "Default initialization";

    // Of 500 true null hypotheses less than one exceeds these.
    private const double StandardErrors = 4;
    private const double KolmogorovSmirnov = 2.1;
    private const int Channels = 1024;

    public static IEnumerable<Check> All() => [.. Initializers(), .. DefaultWeights()];

    private static IEnumerable<Check> Initializers() =>
    [
        .. Uniform(Explicit, "init.uniform_(w)", 0, 1, () => uniform_(Linear())),
        .. Uniform(Explicit, "init.uniform_(w, -0.3, 0.2)", -0.3, 0.2, () => uniform_(Linear(), -0.3, 0.2)),
        .. Normal(Explicit, "init.normal_(w)", 0, 1, () => normal_(Linear())),
        .. Normal(Explicit, "init.normal_(w, 0.5, 0.02)", 0.5, 0.02, () => normal_(Linear(), 0.5, 0.02)),
        .. Truncated("init.trunc_normal_(w)", 0, 1, -2, 2, () => trunc_normal_(Linear())),
        .. Truncated("init.trunc_normal_(w, std: 0.02)", 0, 0.02, -2, 2, () => trunc_normal_(Linear(), std: 0.02)),
        .. Truncated("init.trunc_normal_(w, 0.1, 0.1, a: 0, b: 0.2)", 0.1, 0.1, 0, 0.2, () => trunc_normal_(Linear(), 0.1, 0.1, 0, 0.2)),
        .. Uniform(Explicit, "init.kaiming_uniform_(w)", Math.Sqrt(2.0 / 300), () => kaiming_uniform_(Linear())),
        .. Uniform(Explicit, "init.kaiming_uniform_(w, a: 2.236)", Math.Sqrt(1.0 / 3 / 300), () => kaiming_uniform_(Linear(), Math.Sqrt(5))),
        .. Uniform(Explicit, "init.kaiming_uniform_(w, mode: FanOut)", Math.Sqrt(2.0 / 400), () => kaiming_uniform_(Linear(), mode: FanInOut.FanOut)),
        .. Uniform(Explicit, "init.kaiming_uniform_(w, nonlinearity: Tanh)", 5.0 / 3 / Math.Sqrt(300), () => kaiming_uniform_(Linear(), nonlinearity: NonlinearityType.Tanh)),
        .. Uniform(Explicit, "init.kaiming_uniform_(convolution)", Math.Sqrt(2.0 / (32 * 9)), () => kaiming_uniform_(Convolution())),
        .. Normal(Explicit, "init.kaiming_normal_(w)", 0, Math.Sqrt(2.0 / 300), () => kaiming_normal_(Linear())),
        .. Normal(Explicit, "init.kaiming_normal_(w, nonlinearity: ReLU)", 0, Math.Sqrt(2.0 / 300), () => kaiming_normal_(Linear(), nonlinearity: NonlinearityType.ReLU)),
        .. Normal(Explicit, "init.kaiming_normal_(w, nonlinearity: Linear)", 0, Math.Sqrt(1.0 / 300), () => kaiming_normal_(Linear(), nonlinearity: NonlinearityType.Linear)),
        .. Normal(Explicit, "init.kaiming_normal_(w, nonlinearity: Sigmoid)", 0, Math.Sqrt(1.0 / 300), () => kaiming_normal_(Linear(), nonlinearity: NonlinearityType.Sigmoid)),
        .. Normal(Explicit, "init.kaiming_normal_(w, a: 0.2)", 0, Math.Sqrt(2.0 / 1.04 / 300), () => kaiming_normal_(Linear(), 0.2)),
        .. Normal(Explicit, "init.kaiming_normal_(convolution, mode: FanOut)", 0, Math.Sqrt(2.0 / (64 * 9)), () => kaiming_normal_(Convolution(), mode: FanInOut.FanOut)),
        .. Uniform(Explicit, "init.xavier_uniform_(w)", Math.Sqrt(2.0 / 700), () => xavier_uniform_(Linear())),
        .. Uniform(Explicit, "init.xavier_uniform_(w, gain: 1.7)", 1.7 * Math.Sqrt(2.0 / 700), () => xavier_uniform_(Linear(), 1.7)),
        .. Uniform(Explicit, "init.xavier_uniform_(convolution)", Math.Sqrt(2.0 / (96 * 9)), () => xavier_uniform_(Convolution())),
        .. Normal(Explicit, "init.xavier_normal_(w)", 0, Math.Sqrt(2.0 / 700), () => xavier_normal_(Linear())),
        .. Normal(Explicit, "init.xavier_normal_(w, gain: 1.7)", 0, 1.7 * Math.Sqrt(2.0 / 700), () => xavier_normal_(Linear(), 1.7)),
        Exact(Explicit, "init.orthogonal_(w)", "W^T W = 1", () => Gram(orthogonal_(Linear()), 1)),
        Exact(Explicit, "init.orthogonal_(w, gain: 1.5)", "W^T W = 2.25", () => Gram(orthogonal_(Linear(), 1.5), 2.25)),
        Exact(Explicit, "init.orthogonal_(convolution)", "W W^T = 1", () => Gram(orthogonal_(Convolution()).reshape(64, -1).t(), 1)),
        Exact(Explicit, "init.zeros_", "values", () => zeros_(Linear())),
        Exact(Explicit, "init.ones_", "values", () => ones_(Linear()) - 1),
        Exact(Explicit, "init.constant_", "values", () => constant_(Linear(), 0.3) - 0.3),
        Exact(Explicit, "init.eye_", "values", () => eye_(Linear()) - eye(400, 300)),
        Exact(Explicit, "init.dirac_", "each output copies its input", () => Dirac()),
        new Check(Explicit, "init.sparse_(w, 0.9)", "share of zeros in each column", 1e-9, () => Numeric.Distance(
            [.. Enumerable.Repeat(0.9, 300)], Numeric.Values(sparse_(Linear(), 0.9).eq(0).to(ScalarType.Float64).mean([0L])))),
        Gain(NonlinearityType.Linear, 0, 1),
        Gain(NonlinearityType.Conv2D, 0, 1),
        Gain(NonlinearityType.Sigmoid, 0, 1),
        Gain(NonlinearityType.Tanh, 0, 5.0 / 3),
        Gain(NonlinearityType.ReLU, 0, Math.Sqrt(2)),
        Gain(NonlinearityType.LeakyReLU, 0.2, Math.Sqrt(2 / 1.04)),
    ];

    private static IEnumerable<Check> DefaultWeights() =>
    [
        .. Uniform(Defaults, "nn.Linear(300, 400).weight", 1 / Math.Sqrt(3.0 * 300), () => nn.Linear(300, 400).weight!),
        .. Uniform(Defaults, "nn.Linear(300, 4000).bias", 1 / Math.Sqrt(3.0 * 300), () => nn.Linear(300, 4000).bias!),
        .. Uniform(Defaults, "nn.Conv1d(64, 128, 5).weight", 1 / Math.Sqrt(3.0 * 64 * 5), () => nn.Conv1d(64, 128, 5).weight!),
        .. Uniform(Defaults, "nn.Conv2d(32, 64, 3).weight", 1 / Math.Sqrt(3.0 * 32 * 9), () => nn.Conv2d(32, 64, 3).weight!),
        .. Uniform(Defaults, "nn.Conv2d(8, 4000, 3).bias", 1 / Math.Sqrt(3.0 * 8 * 9), () => nn.Conv2d(8, 4000, 3).bias!),
        .. Uniform(Defaults, "nn.Conv2d(64, 128, 3, groups: 4).weight", 1 / Math.Sqrt(3.0 * 16 * 9), () => nn.Conv2d(64, 128, 3, groups: 4).weight!),
        .. Uniform(Defaults, "nn.Conv3d(16, 32, 3).weight", 1 / Math.Sqrt(3.0 * 16 * 27), () => nn.Conv3d(16, 32, 3).weight!),
        .. Uniform(Defaults, "nn.ConvTranspose2d(32, 64, 3).weight", 1 / Math.Sqrt(3.0 * 64 * 9), () => nn.ConvTranspose2d(32, 64, 3).weight!),
        .. Uniform(Defaults, "nn.ConvTranspose2d(4, 4000, 3).bias", 1 / Math.Sqrt(3.0 * 4000 * 9), () => nn.ConvTranspose2d(4, 4000, 3).bias!),
        .. Uniform(Defaults, "nn.Bilinear(40, 50, 60).weight", 1 / Math.Sqrt(3.0 * 40), () => nn.Bilinear(40, 50, 60).weight!),
        .. Normal(Defaults, "nn.Embedding(500, 100).weight", 0, 1, () => nn.Embedding(500, 100).weight!),
        .. Normal(Defaults, "nn.EmbeddingBag(500, 100).weight", 0, 1, () => nn.EmbeddingBag(500, 100).weight!),
        .. new[] { "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0" }.SelectMany(name => new[]
        {
            Uniform(Defaults, $"nn.RNN(300, 400).{name}", 1 / Math.Sqrt(3.0 * 400), () => Parameter(nn.RNN(300, 400), name)),
            Uniform(Defaults, $"nn.LSTM(300, 400).{name}", 1 / Math.Sqrt(3.0 * 400), () => Parameter(nn.LSTM(300, 400), name)),
            Uniform(Defaults, $"nn.GRU(300, 400).{name}", 1 / Math.Sqrt(3.0 * 400), () => Parameter(nn.GRU(300, 400), name)),
        }.SelectMany(checks => checks)),
        .. Uniform(Defaults, "nn.MultiheadAttention(128, 4).in_proj_weight", Math.Sqrt(2.0 / 512), () => Parameter(nn.MultiheadAttention(128, 4), "in_proj_weight")),
        .. Uniform(Defaults, "nn.MultiheadAttention(128, 4).out_proj.weight", 1 / Math.Sqrt(3.0 * 128), () => Parameter(nn.MultiheadAttention(128, 4), "out_proj.weight")),
        Exact(Defaults, "nn.MultiheadAttention(128, 4).in_proj_bias", "zeros", () => Parameter(nn.MultiheadAttention(128, 4), "in_proj_bias")),
        Exact(Defaults, "nn.MultiheadAttention(128, 4).out_proj.bias", "zeros", () => Parameter(nn.MultiheadAttention(128, 4), "out_proj.bias")),
        .. Uniform(Defaults, "nn.TransformerEncoderLayer(128, 4).self_attn.in_proj_weight", Math.Sqrt(2.0 / 512), () => Parameter(nn.TransformerEncoderLayer(128, 4), "self_attn.in_proj_weight")),
        .. Uniform(Defaults, "nn.TransformerEncoderLayer(128, 4).linear1.weight", 1 / Math.Sqrt(3.0 * 128), () => Parameter(nn.TransformerEncoderLayer(128, 4), "linear1.weight")),
        .. Norm("nn.BatchNorm1d(1024)", () => nn.BatchNorm1d(Channels)),
        .. Norm("nn.BatchNorm2d(1024)", () => nn.BatchNorm2d(Channels)),
        .. Norm("nn.LayerNorm(1024)", () => nn.LayerNorm(Channels)),
        .. Norm("nn.GroupNorm(4, 1024)", () => nn.GroupNorm(4, Channels)),
        .. Norm("nn.InstanceNorm2d(1024, affine: true)", () => nn.InstanceNorm2d(Channels, affine: true)),
        Exact(Defaults, "nn.PReLU(5).weight", "0.25", () => nn.PReLU(5).weight - 0.25),
    ];

    private static Tensor Linear() => empty(400, 300);

    private static Tensor Convolution() => empty(64, 32, 3, 3);

    private static IEnumerable<Check> Uniform(string family, string name, double deviation, Func<Tensor> draw) =>
        Uniform(family, name, -Math.Sqrt(3) * deviation, Math.Sqrt(3) * deviation, draw);

    private static IEnumerable<Check> Uniform(string family, string name, double low, double high, Func<Tensor> draw) =>
        Distribution(family, name, 0.5 * (low + high), (high - low) / Math.Sqrt(12), 1.8, x => Math.Clamp((x - low) / (high - low), 0, 1), low, high, draw);

    private static IEnumerable<Check> Normal(string family, string name, double mean, double deviation, Func<Tensor> draw) =>
        Distribution(family, name, mean, deviation, 3, x => Gauss((x - mean) / deviation), double.NegativeInfinity, double.PositiveInfinity, draw);

    // N(mean, deviation^2) between two bounds: the moments by summing over the density.
    private static IEnumerable<Check> Truncated(string name, double mean, double deviation, double low, double high, Func<Tensor> draw)
    {
        double from = Math.Max(low, mean - (9 * deviation));
        double to = Math.Min(high, mean + (9 * deviation));
        double mass = Gauss((to - mean) / deviation) - Gauss((from - mean) / deviation);
        const int Cells = 20_000;
        double Moment(int power, double about) => Enumerable.Range(0, Cells).Sum(i =>
        {
            double x = from + ((to - from) * (i + 0.5) / Cells);
            double z = (x - mean) / deviation;
            return Math.Pow(x - about, power) * Math.Exp(-z * z / 2);
        }) * (to - from) / Cells / (deviation * Math.Sqrt(2 * Math.PI) * mass);
        double centre = Moment(1, 0);
        double variance = Moment(2, centre);
        return Distribution(
            Explicit, name, centre, Math.Sqrt(variance), Moment(4, centre) / (variance * variance),
            x => (Gauss((Math.Clamp(x, from, to) - mean) / deviation) - Gauss((from - mean) / deviation)) / mass, low, high, draw);
    }

    private static IEnumerable<Check> Distribution(
        string family, string name, double mean, double deviation, double kurtosis, Func<double, double> cumulative, double low, double high, Func<Tensor> draw)
    {
        Lazy<double[]> drawn = new(() =>
        {
            using var scope = NewDisposeScope();
            manual_seed(1234);
            return Numeric.Values(draw());
        });
        yield return new Check(family, name, "mean, in standard errors", StandardErrors, () =>
        {
            double[] values = drawn.Value;
            return Math.Abs(values.Average() - mean) / deviation * Math.Sqrt(values.Length);
        });
        yield return new Check(family, name, "variance, in standard errors", StandardErrors, () =>
        {
            double[] values = drawn.Value;
            double variance = values.Average(x => (x - mean) * (x - mean));
            return Math.Abs((variance / (deviation * deviation)) - 1) / Math.Sqrt((kurtosis - 1) / values.Length);
        });
        yield return new Check(family, name, "distribution, Kolmogorov-Smirnov", KolmogorovSmirnov, () =>
        {
            double[] sorted = [.. drawn.Value.Order()];
            double most = sorted.Select((x, i) => Math.Max(cumulative(x) - ((double)i / sorted.Length), ((i + 1.0) / sorted.Length) - cumulative(x))).Max();
            // The bounds are computed in float32.
            double margin = 1e-6 * deviation;
            return sorted[0] < low - margin || sorted[^1] > high + margin ? double.PositiveInfinity : most * Math.Sqrt(sorted.Length);
        });
    }

    private static Check Exact(string family, string name, string what, Func<Tensor> shouldBeZero) => new(family, name, what, 1e-5, () =>
    {
        using var scope = NewDisposeScope();
        manual_seed(1234);
        double[] values = Numeric.Values(shouldBeZero());
        return values.Any(double.IsNaN) ? double.NaN : values.Max(Math.Abs);
    });

    private static IEnumerable<Check> Norm(string name, Func<nn.Module> create)
    {
        yield return Exact(Defaults, $"{name}.weight", "ones", () => FarthestFrom(1, create, "weight"));
        yield return Exact(Defaults, $"{name}.bias", "zeros", () => FarthestFrom(0, create, "bias"));
    }

    // Memory that nobody initializes holds what was there before: sevens.
    private static Tensor FarthestFrom(double value, Func<nn.Module> create, string parameter)
    {
        Tensor[] dirt = [.. Enumerable.Range(0, 64).Select(_ => full(Channels, 7f))];
        Array.ForEach(dirt, one => one.Dispose());
        return stack([.. Enumerable.Range(0, 8).Select(_ => Parameter(create(), parameter) - value)]);
    }

    private static Check Gain(NonlinearityType nonlinearity, double parameter, double gain) => new(
        Explicit, $"init.calculate_gain({nonlinearity}{(parameter == 0 ? "" : $", {parameter}")})", "value", 1e-12, () => Math.Abs(calculate_gain(nonlinearity, parameter) - gain));

    private static Tensor Parameter(nn.Module module, string name) => module.named_parameters().Single(parameter => parameter.name == name).parameter;

    private static Tensor Gram(Tensor matrix, double diagonal) => matrix.t().matmul(matrix) - (diagonal * eye(matrix.shape[1]));

    private static Tensor Dirac()
    {
        Tensor x = randn(2, 8, 5, 5);
        return nn.functional.conv2d(x, dirac_(empty(8, 8, 3, 3)), padding: [1, 1]) - x;
    }

    private static double Gauss(double z) => z < -9 ? 0 : z > 9 ? 1 : 0.5 * (1 + ErrorFunction(z / Math.Sqrt(2)));

    private static double ErrorFunction(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200 && Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
