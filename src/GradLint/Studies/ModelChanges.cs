using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Changes of a model that was built elsewhere. Initializations work on any; layers can be put in, taken out and replaced in a
/// <c>Sequential</c> only, because what a class of your own computes in <c>forward</c> cannot be changed from outside.
/// </summary>
internal static class ModelChanges
{
    /// <summary>He and others, "Delving deep into rectifiers", 2015: variance 2 / fan-in, biases 0.</summary>
    public static void InitializeHe(nn.Module model) => Initialize(model, weight => nn.init.kaiming_normal_(weight));

    /// <summary>Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010: variance 2 / (fan-in + fan-out), biases 0.</summary>
    public static void InitializeXavier(nn.Module model) => Initialize(model, weight => nn.init.xavier_uniform_(weight));

    public static nn.Module<Tensor, Tensor> WithBatchNorm(nn.Module model) => WithNorm(model, layer => layer switch
    {
        Linear linear => nn.BatchNorm1d(linear.weight!.shape[0]),
        _ => nn.BatchNorm2d(((Conv2d)layer).weight.shape[0]),
    });

    public static nn.Module<Tensor, Tensor> WithLayerNorm(nn.Module model) => WithNorm(model, layer => layer is Linear linear
        ? nn.LayerNorm(linear.weight!.shape[0])
        : OneGroup(((Conv2d)layer).weight.shape[0]));

    public static nn.Module<Tensor, Tensor> WithRectifier(nn.Module model, Func<nn.Module<Tensor, Tensor>> create)
    {
        List<nn.Module<Tensor, Tensor>> layers = LayersOf(model);
        return layers.Exists(layer => layer is ReLU)
            ? Build(layers.Select(layer => layer is ReLU ? create() : layer))
            : throw new NotSupportedException("the model has no ReLU");
    }

    /// <summary>Every second hidden layer whose output is as wide as its input goes, with its activation.</summary>
    public static nn.Module<Tensor, Tensor> WithHalfTheDepth(nn.Module model)
    {
        int seen = 0;
        return Build(BlocksOf(model).Where(block => !IsSquare(block) || seen++ % 2 == 0).SelectMany(block => block));
    }

    /// <summary>He and others, "Deep residual learning for image recognition", 2016: around each hidden layer whose output is as wide as its input.</summary>
    public static nn.Module<Tensor, Tensor> WithSkips(nn.Module model) =>
        Build(BlocksOf(model).SelectMany(block => IsSquare(block) ? [new Residual(block)] : (IEnumerable<nn.Module<Tensor, Tensor>>)block));

    private static void Initialize(nn.Module model, Action<Tensor> weights)
    {
        using IDisposable noGradients = no_grad();
        foreach (nn.Module layer in model.modules().Append(model))
        {
            foreach ((string name, Parameter parameter) in layer.named_parameters(recurse: false))
            {
                if (layer is not (Linear or Conv1d or Conv2d or Conv3d))
                {
                    continue;
                }

                if (name == "weight")
                {
                    weights(parameter);
                }
                else
                {
                    parameter.zero_();
                }
            }
        }
    }

    private static Sequential WithNorm(nn.Module model, Func<nn.Module, nn.Module<Tensor, Tensor>> norm)
    {
        List<nn.Module<Tensor, Tensor>> layers = LayersOf(model);
        int last = layers.FindLastIndex(layer => layer is Linear or Conv2d);
        return Build(layers.SelectMany((layer, i) => layer is Linear or Conv2d && i != last ? [layer, norm(layer)] : (nn.Module<Tensor, Tensor>[])[layer]));
    }

    /// <summary>TorchSharp 0.107 leaves its weight and bias uninitialized.</summary>
    private static GroupNorm OneGroup(long channels)
    {
        GroupNorm norm = nn.GroupNorm(1, channels);
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        return norm;
    }

    /// <summary>Each weight layer with what follows it up to the next.</summary>
    private static List<List<nn.Module<Tensor, Tensor>>> BlocksOf(nn.Module model)
    {
        var blocks = new List<List<nn.Module<Tensor, Tensor>>>();
        foreach (nn.Module<Tensor, Tensor> layer in LayersOf(model))
        {
            if (blocks.Count == 0 || layer is Linear or Conv2d)
            {
                blocks.Add([]);
            }

            blocks[^1].Add(layer);
        }

        return blocks.Exists(IsSquare) ? blocks : throw new NotSupportedException("no layer's output is as wide as its input");
    }

    private static bool IsSquare(List<nn.Module<Tensor, Tensor>> block) => block[0] is Linear { weight: { } weight } && weight.shape[0] == weight.shape[1];

    private static List<nn.Module<Tensor, Tensor>> LayersOf(nn.Module model) => model is Sequential
        ? [.. model.children().SelectMany(child => child is Sequential ? LayersOf(child) : [(nn.Module<Tensor, Tensor>)child])]
        : throw new NotSupportedException($"{model.GetName()} is not a Sequential, whose layers can be replaced");

    private static Sequential Build(IEnumerable<nn.Module<Tensor, Tensor>> layers) => nn.Sequential([.. layers]);

    private sealed class Residual : nn.Module<Tensor, Tensor>
    {
        private readonly Sequential _layers;

        public Residual(IEnumerable<nn.Module<Tensor, Tensor>> layers)
            : base(nameof(Residual))
        {
            _layers = Build(layers);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input + _layers.call(input);
    }
}
