using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint.SignalPropagation.Tests.Measuring;

/// <summary>What autograd says about a network, over several initializations and inputs.</summary>
internal sealed record MeasuredFlow
{
    // Networks this small gain nothing from threads, and on a busy machine the threads wait for each other.
    static MeasuredFlow() => set_num_threads(1);

    /// <summary>log10 |dL/dz_first| / |dL/dz_last|, one for each seed.</summary>
    public required IReadOnlyList<double> Growths { get; init; }

    /// <summary>The mean over the seeds: what is compared with the prediction.</summary>
    [JsonIgnore]
    public double Growth => Growths.Average();

    /// <summary>The standard deviation over the seeds.</summary>
    [JsonIgnore]
    public double GrowthDeviation => Math.Sqrt(Growths.Sum(growth => (growth - Growth) * (growth - Growth)) / Math.Max(1, Growths.Count - 1));

    /// <summary>log10 |dL/dx_1| / |dL/dx_T| at the input of the first recurrent layer, one for each seed.</summary>
    public IReadOnlyList<double> GrowthsThroughTime { get; init; } = [];

    /// <summary>log10 |dL/dW| by node, averaged over the seeds.</summary>
    public required IReadOnlyDictionary<string, double> Log10GradientNorms { get; init; }

    /// <summary>log10 E z^2 by weight layer, averaged over the seeds.</summary>
    public required IReadOnlyDictionary<string, double> Log10SecondMoments { get; init; }

    /// <summary>log10 |dL/dz| by weight layer, averaged over the seeds.</summary>
    public IReadOnlyDictionary<string, double> Log10SignalNorms { get; init; } = new Dictionary<string, double>();

    /// <summary>Measures a network.</summary>
    public static MeasuredFlow Of(NetworkGraph graph, int seeds, PropagationOptions? options = null, int firstSeed = 1)
    {
        options ??= new PropagationOptions();
        string[] layers = [.. graph.Nodes.Where(node => node.Layer is WeightLayer).Select(node => node.Name)];
        List<double> growths = [];
        List<double> through = [];
        Dictionary<string, double> norms = layers.ToDictionary(name => name, _ => 0.0);
        Dictionary<string, double> moments = layers.ToDictionary(name => name, _ => 0.0);
        Dictionary<string, double> signals = layers.ToDictionary(name => name, _ => 0.0);
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            using DisposeScope scope = NewDisposeScope();
            random.manual_seed(seed);
            using TorchNetwork network = new(graph);
            Backward(network, graph, options);
            growths.Add(Log10Norm(network.Outputs[layers[0]].grad!) - Log10Norm(network.Outputs[layers[^1]].grad!));
            through.AddRange(network.RecurrentInputs.Values.Take(1).Select(x =>
                Log10Norm(x.grad!.select(1, 0)) - Log10Norm(x.grad!.select(1, x.shape[1] - 1))));
            foreach (string name in layers)
            {
                signals[name] += Log10Norm(network.Outputs[name].grad!) / seeds;
                norms[name] += Log10Norm(network.WeightOf(name).grad!) / seeds;
                moments[name] += Math.Log10(network.Outputs[name].square().mean().item<double>()) / seeds;
            }
        }

        return new MeasuredFlow { Growths = growths, Log10GradientNorms = norms, Log10SecondMoments = moments, GrowthsThroughTime = through, Log10SignalNorms = signals };
    }

    private static void Backward(TorchNetwork network, NetworkGraph graph, PropagationOptions options)
    {
        Tensor output = network.Forward(Input(graph, options.BatchSize), keepGradients: true);
        Tensor loss = options.Loss == Loss.RandomDirection ? (output * randn_like(output)).mean()
            : options.Loss == Loss.MeanSquaredError
            ? nn.functional.mse_loss(output, randn_like(output))
            : nn.functional.cross_entropy(output, randint(output.shape[1], [output.shape[0]]));
        loss.backward();
    }

    /// <summary>A batch of N(0, 1) for a network.</summary>
    public static Tensor Input(NetworkGraph graph, int batch)
    {
        InputLayer input = (InputLayer)graph.Nodes.Single(node => node.Layer is InputLayer).Layer;
        return randn([batch, .. input.Shape!.Select(size => (long)size!.Value)], dtype: ScalarType.Float64);
    }

    private static double Log10Norm(Tensor tensor) => Math.Log10(tensor.norm().item<double>());
}
