using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace GradLint.TorchSharpAudit;

/// <summary>The losses over a batch of 5 with 4 outputs each, by their defaults and with their options.</summary>
internal static class LossChecks
{
    private const string Family = "Losses";
    private const int B = 5;
    private const int K = 4;
    private static readonly long[] s_shape = [B, K];
    private static readonly double[] s_y = Numeric.Noise(B * K);
    private static readonly double[] s_target = Numeric.Noise(B * K, 1, 2);
    private static readonly double[] s_probabilities = [.. s_y.Select(y => 1 / (1 + Math.Exp(-y)))];
    private static readonly double[] s_hard = [.. s_target.Select(t => t > 0 ? 1.0 : 0)];
    private static readonly double[] s_signs = [.. s_target.Select(t => t > 0 ? 1.0 : -1)];
    private static readonly double[] s_soft = [.. s_target.Select(t => 1 / (1 + Math.Exp(-t)))];
    private static readonly double[] s_weights = [0.5, 1, 2, 0.3];
    private static readonly long[] s_classes = [2, 0, 3, 1, 2];

    public static IEnumerable<Check> All() =>
    [
        .. Mean("functional.mse_loss", (y, i) => Square(y[i] - s_target[i]), y => F.mse_loss(y, Like(s_target))),
        .. Mean("nn.MSELoss()", (y, i) => Square(y[i] - s_target[i]), y => MSELoss().call(y, Like(s_target))),
        .. Sum("functional.mse_loss(sum)", (y, i) => Square(y[i] - s_target[i]), y => F.mse_loss(y, Like(s_target), Reduction.Sum)),
        .. Mean("functional.l1_loss", (y, i) => Math.Abs(y[i] - s_target[i]), y => F.l1_loss(y, Like(s_target))),
        .. Mean("functional.smooth_l1_loss", (y, i) => Smooth(y[i] - s_target[i], 1), y => F.smooth_l1_loss(y, Like(s_target))),
        .. Mean("functional.smooth_l1_loss(beta: 0.5)", (y, i) => Smooth(y[i] - s_target[i], 0.5), y => F.smooth_l1_loss(y, Like(s_target), beta: 0.5)),
        .. Mean("functional.huber_loss(delta: 0.5)", (y, i) => 0.5 * Smooth(y[i] - s_target[i], 0.5), y => F.huber_loss(y, Like(s_target), 0.5)),
        .. Rows("functional.cross_entropy", (row, b) => -LogSoftmax(row)[s_classes[b]], _ => B, y => F.cross_entropy(y, tensor(s_classes))),
        .. Rows("nn.CrossEntropyLoss()", (row, b) => -LogSoftmax(row)[s_classes[b]], _ => B, y => CrossEntropyLoss().call(y, tensor(s_classes))),
        .. Rows("functional.cross_entropy(sum)", (row, b) => -LogSoftmax(row)[s_classes[b]], _ => 1, y => F.cross_entropy(y, tensor(s_classes), reduction: Reduction.Sum)),
        .. Rows("functional.cross_entropy(weight)", (row, b) => -s_weights[s_classes[b]] * LogSoftmax(row)[s_classes[b]], _ => s_classes.Sum(k => s_weights[k]), y => F.cross_entropy(y, tensor(s_classes), tensor(s_weights))),
        .. Rows("functional.cross_entropy(ignore_index: 2)", (row, b) => s_classes[b] == 2 ? 0 : -LogSoftmax(row)[s_classes[b]], _ => 3, y => F.cross_entropy(y, tensor(s_classes), ignore_index: 2)),
        .. Rows("functional.cross_entropy(label_smoothing: 0.1)", (row, b) => (-0.9 * LogSoftmax(row)[s_classes[b]]) - (0.1 * LogSoftmax(row).Average()), _ => B, y => F.cross_entropy(y, tensor(s_classes), label_smoothing: 0.1)),
        .. Rows("functional.cross_entropy(probabilities)", (row, b) => -LogSoftmax(row).Select((l, k) => l * s_soft[(b * K) + k]).Sum(), _ => B, y => F.cross_entropy(y, Like(s_soft))),
        .. Rows("functional.nll_loss", (row, b) => -row[s_classes[b]], _ => B, y => F.nll_loss(y, tensor(s_classes))),
        .. Rows("functional.nll_loss(weight)", (row, b) => -s_weights[s_classes[b]] * row[s_classes[b]], _ => s_classes.Sum(k => s_weights[k]), y => F.nll_loss(y, tensor(s_classes), tensor(s_weights))),
        .. Mean("functional.binary_cross_entropy", (y, i) => -(s_hard[i] * Math.Log(y[i])) - ((1 - s_hard[i]) * Math.Log(1 - y[i])), y => F.binary_cross_entropy(y, Like(s_hard)), s_probabilities),
        .. Mean("functional.binary_cross_entropy_with_logits", (y, i) => Math.Log(1 + Math.Exp(y[i])) - (s_hard[i] * y[i]), y => F.binary_cross_entropy_with_logits(y, Like(s_hard))),
        .. Mean("functional.binary_cross_entropy_with_logits(pos_weights)", (y, i) => (s_weights[i % K] * s_hard[i] * Math.Log(1 + Math.Exp(-y[i]))) + ((1 - s_hard[i]) * Math.Log(1 + Math.Exp(y[i]))), y => F.binary_cross_entropy_with_logits(y, Like(s_hard), pos_weights: tensor(s_weights))),
        .. Mean("functional.kl_div", (y, i) => s_soft[i] * (Math.Log(s_soft[i]) - y[i]), y => F.kl_div(y, Like(s_soft))),
        .. Mean("functional.kl_div(log_target: false)", (y, i) => s_soft[i] * (Math.Log(s_soft[i]) - y[i]), y => F.kl_div(y, Like(s_soft), log_target: false)),
        .. Mean("functional.kl_div(log_target: true)", (y, i) => Math.Exp(s_target[i]) * (s_target[i] - y[i]), y => F.kl_div(y, Like(s_target), log_target: true)),
        .. Mean("functional.poisson_nll_loss", (y, i) => Math.Exp(y[i]) - (s_soft[i] * y[i]), y => F.poisson_nll_loss(y, Like(s_soft))),
        .. Mean("functional.gaussian_nll_loss", (y, i) => 0.5 * (Math.Log(s_soft[i]) + (Square(y[i] - s_target[i]) / s_soft[i])), y => F.gaussian_nll_loss(y, Like(s_target), Like(s_soft))),
        .. Mean("functional.gaussian_nll_loss(full)", (y, i) => 0.5 * (Math.Log(2 * Math.PI) + Math.Log(s_soft[i]) + (Square(y[i] - s_target[i]) / s_soft[i])), y => F.gaussian_nll_loss(y, Like(s_target), Like(s_soft), full: true)),
        .. Sum("functional.gaussian_nll_loss(sum)", (y, i) => 0.5 * (Math.Log(s_soft[i]) + (Square(y[i] - s_target[i]) / s_soft[i])), y => F.gaussian_nll_loss(y, Like(s_target), Like(s_soft), reduction: Reduction.Sum)),
        .. Mean("functional.gaussian_nll_loss, of the variance", (v, i) => 0.5 * (Math.Log(v[i]) + (Square(s_y[i] - s_target[i]) / v[i])), v => F.gaussian_nll_loss(Like(s_y), Like(s_target), v), s_soft),
        .. Mean("functional.soft_margin_loss", (y, i) => Math.Log(1 + Math.Exp(-s_signs[i] * y[i])), y => F.soft_margin_loss(y, Like(s_signs))),
        .. Mean("functional.hinge_embedding_loss(margin: 1)", (y, i) => s_signs[i] > 0 ? y[i] : Math.Max(0, 1 - y[i]), y => F.hinge_embedding_loss(y, Like(s_signs), 1)),
        .. Mean("functional.hinge_embedding_loss", (y, i) => s_signs[i] > 0 ? y[i] : Math.Max(0, 1 - y[i]), y => F.hinge_embedding_loss(y, Like(s_signs))),
        .. Mean("functional.margin_ranking_loss", (y, i) => Math.Max(0, -s_signs[i] * (y[i] - s_target[i])), y => F.margin_ranking_loss(y, Like(s_target), Like(s_signs))),
        .. Rows("functional.multi_margin_loss", (row, b) => row.Where((_, k) => k != s_classes[b]).Sum(other => Math.Max(0, 1 - row[s_classes[b]] + other)) / K, _ => B, y => F.multi_margin_loss(y, tensor(s_classes))),
        .. Rows("functional.multilabel_soft_margin_loss", (row, b) => row.Select((y, k) => Math.Log(1 + Math.Exp(y)) - (s_hard[(b * K) + k] * y)).Average(), _ => B, y => F.multilabel_soft_margin_loss(y, Like(s_hard))),
        .. Rows("functional.cosine_embedding_loss", (row, b) => s_signs[b] > 0 ? 1 - Cosine(row, b) : Math.Max(0, Cosine(row, b)), _ => B, y => F.cosine_embedding_loss(y, Like(s_target), tensor(s_signs[..B]))),
        .. Rows("functional.triplet_margin_loss", (row, b) => Math.Max(0, Far(row, s_target, b) - Far(row, s_soft, b) + 1), _ => B, y => F.triplet_margin_loss(y, Like(s_target), Like(s_soft))),
    ];

    private static IEnumerable<Check> Mean(string name, Func<double[], int, double> term, Func<Tensor, Tensor> torchSharp, double[]? at = null) =>
        Numeric.Checks(Family, name, s_shape, at ?? s_y, y => [y.Select((_, i) => term(y, i)).Average()], torchSharp);

    private static IEnumerable<Check> Sum(string name, Func<double[], int, double> term, Func<Tensor, Tensor> torchSharp) =>
        Numeric.Checks(Family, name, s_shape, s_y, y => [y.Select((_, i) => term(y, i)).Sum()], torchSharp);

    private static IEnumerable<Check> Rows(string name, Func<double[], int, double> term, Func<double[], double> divisor, Func<Tensor, Tensor> torchSharp) =>
        Numeric.Checks(Family, name, s_shape, s_y, y => [y.Chunk(K).Select(term).Sum() / divisor(y)], torchSharp);

    private static Tensor Like(double[] values) => tensor(values, s_shape, ScalarType.Float64);

    private static double[] LogSoftmax(double[] row) => [.. row.Select(y => y - Math.Log(row.Sum(Math.Exp)))];

    private static double Smooth(double difference, double beta) => Math.Abs(difference) < beta ? 0.5 * difference * difference / beta : Math.Abs(difference) - (0.5 * beta);

    private static double Cosine(double[] row, int b)
    {
        double[] other = s_target[(b * K)..((b + 1) * K)];
        return row.Zip(other, (x, y) => x * y).Sum() / Math.Sqrt(row.Sum(Square) * other.Sum(Square));
    }

    // pairwise_distance adds 1e-6 to each difference.
    private static double Far(double[] row, double[] others, int b) => Math.Sqrt(row.Select((x, k) => Square(x - others[(b * K) + k] + 1e-6)).Sum());

    private static double Square(double x) => x * x;
}
