using GradLint.SignalPropagation.Tests.Measuring;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.SignalPropagation.Validation;

/// <summary>Trains networks drawn at random and holds the divergence criterion against what happens.</summary>
internal static class DivergenceStudy
{
    /// <summary>The families that are trained.</summary>
    public static readonly string[] Families = ["mlp", "mlp-explode", "mlp-ln", "mlp-bn", "mlp-dropout"];

    private static readonly (OptimizerFamily Family, double Rate)[] s_settings =
    [
        .. new[] { 0.001, 0.01, 0.1, 1 }.Select(rate => (OptimizerFamily.Sgd, rate)),
        .. new[] { 0.001, 0.01, 0.1, 0.3, 1 }.Select(rate => (OptimizerFamily.Adam, rate)),
    ];

    /// <summary>One training run: the network by its number in the grid, what it was trained with, and whether it diverged.</summary>
    public sealed record Run(string Network, int Index, OptimizerFamily Family, double Rate, int Seed, string Description, bool Diverged);

    /// <summary>Draws the networks of a family: those small enough to be trained in a second or two.</summary>
    public static IEnumerable<RandomNetwork> Draw(int grid, string family)
    {
        RandomNetworks networks = new((grid * 1000) + 500 + Array.IndexOf(Families, family));
        while (true)
        {
            RandomNetwork network = networks.Draw(family);
            if (network.Width <= 64 && network.Depth <= 20)
            {
                yield return network;
            }
        }
    }

    /// <summary>Trains one network with every optimizer and rate, from several initializations.</summary>
    public static IEnumerable<Run> Train(RandomNetwork network, int index, int steps, int seeds) =>
        from setting in s_settings
        from seed in Enumerable.Range(1, seeds)
        select new Run(network.Family, index, setting.Family, setting.Rate, seed, network.Description, Diverges(network, setting.Family, setting.Rate, steps, seed));

    /// <summary>The criterion's verdict on each run; the networks are drawn again, and nothing is trained.</summary>
    public static List<(Run Run, DivergenceVerdict Verdict)> Judge(int grid, IReadOnlyList<Run> runs)
    {
        Dictionary<string, RandomNetwork[]> networks = runs.GroupBy(run => run.Network).ToDictionary(own => own.Key, own => Draw(grid, own.Key).Take(own.Max(run => run.Index) + 1).ToArray());
        return [.. runs.Select(run =>
        {
            RandomNetwork network = networks[run.Network][run.Index];
            return (run, DivergenceCriterion.Judge(network.Graph, new OptimizerSettings(run.Family, run.Rate), network.Options));
        })];
    }

    /// <summary>Precision and recall of a criterion.</summary>
    public static string Score(string name, IReadOnlyList<(Run Run, DivergenceVerdict Verdict)> judged, Func<(Run Run, DivergenceVerdict Verdict), bool> says)
    {
        int hits = judged.Count(one => says(one) && one.Run.Diverged);
        int said = judged.Count(says);
        int diverged = judged.Count(one => one.Run.Diverged);
        return $"{name}: precision {(double)hits / Math.Max(1, said):f2}, recall {(double)hits / Math.Max(1, diverged):f2} ({hits} of {said} said, {diverged} of {judged.Count} diverged)";
    }

    // Diverged: NaN, infinite, or a thousand times the first loss.
    private static bool Diverges(RandomNetwork drawn, OptimizerFamily family, double rate, int steps, int seed)
    {
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(seed);
        using TorchNetwork network = new(drawn.Graph);
        Tensor input = MeasuredFlow.Input(drawn.Graph, drawn.Options.BatchSize);
        Tensor output = network.Forward(input, keepGradients: false);
        Tensor target = drawn.Options.Loss == Loss.CrossEntropy ? randint(output.shape[1], [output.shape[0]]) : randn_like(output);
        using optim.Optimizer optimizer = family == OptimizerFamily.Sgd ? optim.SGD(network.Parameters, rate) : optim.Adam(network.Parameters, rate);
        double first = double.NaN;
        for (int step = 0; step < steps; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            optimizer.zero_grad();
            Tensor prediction = network.Forward(input, keepGradients: false);
            Tensor loss = drawn.Options.Loss == Loss.CrossEntropy ? nn.functional.cross_entropy(prediction, target) : nn.functional.mse_loss(prediction, target);
            double value = loss.item<double>();
            first = step == 0 ? value : first;
            if (!double.IsFinite(value) || value > 1000 * first)
            {
                return true;
            }

            loss.backward();
            optimizer.step();
        }

        return false;
    }
}
