using GradLint.SignalPropagation.Tests.Measuring;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.SignalPropagation.Validation;

/// <summary>Trains networks drawn at random and holds the divergence criterion against what happens.</summary>
internal static class DivergenceStudy
{
    private static readonly string[] s_families = ["mlp", "mlp-explode", "mlp-ln", "mlp-bn", "mlp-dropout"];
    private static readonly double[] s_sgdRates = [0.001, 0.01, 0.1, 1];
    private static readonly double[] s_adamRates = [0.001, 0.01, 0.1];

    /// <summary>One training run.</summary>
    public sealed record Run(string Description, OptimizerFamily Family, double Rate, DivergenceVerdict Verdict, bool Diverged);

    /// <summary>Runs the study on a grid.</summary>
    public static List<Run> On(int grid, int perFamily, int steps, int limit)
    {
        System.Diagnostics.Stopwatch clock = System.Diagnostics.Stopwatch.StartNew();
        List<Run> runs = [];
        foreach (string family in s_families)
        {
            RandomNetworks networks = new((grid * 1000) + 500 + Array.IndexOf(s_families, family));
            for (int i = 0; i < perFamily && clock.Elapsed.TotalSeconds < limit;)
            {
                RandomNetwork network = networks.Draw(family);
                if (network.Width > 64 || network.Depth > 12)
                {
                    continue;
                }

                i++;
                runs.AddRange(s_sgdRates.Select(rate => Of(network, OptimizerFamily.Sgd, rate, steps, grid)));
                runs.AddRange(s_adamRates.Select(rate => Of(network, OptimizerFamily.Adam, rate, steps, grid)));
            }
        }

        return runs;
    }

    /// <summary>Precision and recall of a criterion.</summary>
    public static string Score(string name, IReadOnlyList<Run> runs, Func<Run, bool> says)
    {
        int hits = runs.Count(run => says(run) && run.Diverged);
        int said = runs.Count(says);
        int diverged = runs.Count(run => run.Diverged);
        return $"{name}: precision {(double)hits / Math.Max(1, said):f2}, recall {(double)hits / Math.Max(1, diverged):f2} ({hits} of {said} said, {diverged} of {runs.Count} diverged)";
    }

    private static Run Of(RandomNetwork network, OptimizerFamily family, double rate, int steps, int seed) => new(
        network.Description, family, rate, DivergenceCriterion.Judge(network.Graph, new OptimizerSettings(family, rate), network.Options), Diverges(network, family, rate, steps, seed));

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
