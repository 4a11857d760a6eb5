using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace GradLint.SignalPropagation.Tests.Measuring;

/// <summary>A network graph as TorchSharp runs it: parameters drawn as the graph says, and a forward pass over plain tensors in float64.</summary>
internal sealed partial class TorchNetwork : IDisposable
{
    private readonly NetworkGraph _graph;
    private readonly Dictionary<string, Tensor> _outputs = [];
    private readonly Dictionary<string, Dictionary<string, TorchSharp.Modules.Parameter>> _parameters = [];

    public TorchNetwork(NetworkGraph graph) => _graph = graph;

    /// <summary>The output of every node, from the last forward pass.</summary>
    public IReadOnlyDictionary<string, Tensor> Outputs => _outputs;

    /// <summary>The input of every recurrent layer, whose gradients tell the growth through time.</summary>
    public Dictionary<string, Tensor> RecurrentInputs { get; } = [];

    /// <summary>The weight of a node, or of the node whose weights it shares.</summary>
    public Tensor WeightOf(string node) => _parameters[Owner(node)]["weight"];

    /// <summary>All parameters.</summary>
    public IEnumerable<TorchSharp.Modules.Parameter> Parameters => _parameters.Values.SelectMany(own => own.Values);

    /// <summary>Runs the network on a batch; parameters are drawn on the first run, when the shapes are known.</summary>
    public Tensor Forward(Tensor input, bool keepGradients)
    {
        _outputs.Clear();
        RecurrentInputs.Clear();
        foreach (GraphNode node in _graph.Nodes)
        {
            Tensor output = node.Layer is InputLayer ? input : Apply(node, [.. node.Inputs.Select(name => _outputs[name])]);
            if (keepGradients && node.Layer is WeightLayer)
            {
                output.retain_grad();
            }

            _outputs[node.Name] = output;
        }

        return _outputs[_graph.Output.Name];
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _outputs.Values.Concat(Parameters))
        {
            tensor.Dispose();
        }
    }

    private string Owner(string node) => _graph[node].SharesWeightsWith ?? node;

    private Tensor Apply(GraphNode node, Tensor[] inputs) => node.Layer switch
    {
        LinearLayer linear => F.linear(inputs[0], Weight(node, linear, [linear.OutFeatures!.Value, linear.InFeatures!.Value]), Bias(node, linear, linear.OutFeatures!.Value)),
        ActivationLayer activation => TorchActivation.Apply(activation.Function, inputs[0]),
        FlattenLayer => inputs[0].flatten(1),
        DropoutLayer dropout => F.dropout(inputs[0], dropout.Probability, training: true),
        AddLayer => inputs.Aggregate((a, b) => a + b),
        ScaleLayer scale => inputs[0] * scale.Factor,
        DetachLayer => inputs[0].detach(),
        ProductLayer => inputs[0] * inputs[1],
        _ => ApplyOther(node, inputs),
    };

    private TorchSharp.Modules.Parameter Weight(GraphNode node, WeightLayer layer, long[] shape, string name = "weight", Fans? fans = null) =>
        Parameter(node, name, () => TorchInitializer.Draw(layer.Weight, shape, fans));

    private TorchSharp.Modules.Parameter? Bias(GraphNode node, WeightLayer layer, long size)
    {
        if (layer.Bias is null)
        {
            return null;
        }

        double fanIn = TorchInitializer.FansOf(WeightOf(node.Name).shape).In;
        return Parameter(node, "bias", () => TorchInitializer.Draw(layer.Bias, [size], new Fans(fanIn, size)));
    }

    private TorchSharp.Modules.Parameter Parameter(GraphNode node, string name, Func<Tensor> draw)
    {
        if (!_parameters.TryGetValue(Owner(node.Name), out Dictionary<string, TorchSharp.Modules.Parameter>? own))
        {
            _parameters[Owner(node.Name)] = own = [];
        }

        if (!own.TryGetValue(name, out TorchSharp.Modules.Parameter? parameter))
        {
            own[name] = parameter = new TorchSharp.Modules.Parameter(draw());
        }

        return parameter;
    }
}

/// <summary>Draws tensors as an initializer says.</summary>
internal static class TorchInitializer
{
    public static Tensor Draw(Initializer initializer, long[] shape, Fans? given = null)
    {
        Fans fans = given ?? FansOf(shape);
        Tensor tensor = zeros(shape, dtype: ScalarType.Float64);
        double deviation = Math.Sqrt(initializer.Variance(fans));
        double mean = initializer.Mean(fans);
        return initializer switch
        {
            Orthogonal orthogonal => nn.init.orthogonal_(tensor, orthogonal.Gain),
            Dirac => shape.Length == 2 ? nn.init.eye_(tensor) : nn.init.dirac_(tensor),
            KaimingUniform or XavierUniform or Uniform or FanInUniform =>
                nn.init.uniform_(tensor, mean - (Math.Sqrt(3) * deviation), mean + (Math.Sqrt(3) * deviation)),
            TruncatedNormal t => Truncated(tensor, t),
            _ => nn.init.normal_(tensor, mean, deviation),
        };
    }

    public static Fans FansOf(long[] shape)
    {
        long kernel = shape.Skip(2).Aggregate(1L, (product, size) => product * size);
        return new Fans((shape.Length > 1 ? shape[1] : shape[0]) * kernel, shape[0] * kernel);
    }

    // By its quantiles: z = sqrt 2 erfinv(2 u - 1), u uniform between the bounds' probabilities.
    private static Tensor Truncated(Tensor tensor, TruncatedNormal t)
    {
        double Erf(double bound)
        {
            using Tensor z = tensor.new_full([1], (bound - t.MeanValue) / t.StandardDeviation / Math.Sqrt(2));
            return z.erf().item<double>();
        }

        return nn.init.uniform_(tensor, Erf(t.Low), Erf(t.High)).erfinv_().mul_(Math.Sqrt(2) * t.StandardDeviation).add_(t.MeanValue);
    }
}

/// <summary>The activation functions by TorchSharp's names; hardtanh by clamp, as TorchSharp 0.107.0 returns its input.</summary>
internal static class TorchActivation
{
    public static Tensor Apply(Activation function, Tensor x) => function switch
    {
        ReLU => F.relu(x),
        LeakyReLU leaky => F.leaky_relu(x, leaky.NegativeSlope),
        PReLU prelu => F.leaky_relu(x, prelu.Init),
        RReLU rrelu => F.rrelu(x, rrelu.Lower, rrelu.Upper),
        Identity => x,
        Tanh => x.tanh(),
        Sigmoid => x.sigmoid(),
        GELU => F.gelu(x),
        GELUTanh => 0.5 * x * (1 + (0.7978845608028654 * (x + (0.044715 * x.pow(3)))).tanh()),
        SiLU => F.silu(x),
        Mish => F.mish(x),
        ELU elu => F.elu(x, elu.Alpha),
        CELU celu => F.celu(x, celu.Alpha),
        SELU => F.selu(x),
        Softsign => F.softsign(x),
        Softplus softplus => F.softplus(x, softplus.Beta),
        LogSigmoid => F.logsigmoid(x),
        Tanhshrink => F.tanhshrink(x),
        Hardshrink shrink => F.hardshrink(x, shrink.Lambda),
        Softshrink shrink => F.softshrink(x, shrink.Lambda),
        Hardtanh bounds => x.clamp(bounds.Min, bounds.Max),
        ReLU6 => F.relu6(x),
        Hardswish => F.hardswish(x),
        Hardsigmoid => F.hardsigmoid(x),
        Softmax => F.softmax(x, -1),
        LogSoftmax => F.log_softmax(x, -1),
        _ => throw new NotSupportedException(function.ToString()),
    };
}
