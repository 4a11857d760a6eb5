using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests.Flow;

/// <summary>The models that the tests speak of.</summary>
internal static class Models
{
    /// <summary>A stack of linear layers of one width with ReLU between them, named fc1, act1, fc2 and so on.</summary>
    public static Sequential ReluStack(int layers, int width, Action<Tensor>? initialize = null, bool inPlace = false)
    {
        List<(string, nn.Module<Tensor, Tensor>)> modules = [];
        for (int i = 1; i <= layers; i++)
        {
            Linear linear = nn.Linear(width, width);
            initialize?.Invoke(linear.weight!);
            modules.Add(($"fc{i}", linear));
            if (i < layers)
            {
                modules.Add(($"act{i}", nn.ReLU(inPlace)));
            }
        }

        return nn.Sequential([.. modules]);
    }
}

/// <summary>A model whose forward goes through its layers in order, by call or by forward.</summary>
internal sealed class TwoLayers : nn.Module<Tensor, Tensor>
{
    private readonly bool _byCall;
    private readonly Linear _first = nn.Linear(3, 4);
    private readonly nn.Module<Tensor, Tensor> _block = nn.Sequential(("act", nn.Tanh()), ("out", nn.Linear(4, 2)));

    public TwoLayers(bool byCall = true)
        : base("two")
    {
        _byCall = byCall;
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _byCall ? _block.call(_first.call(input)) : _block.call(_first.forward(input));
}

/// <summary>A model with nothing that could be seen from outside.</summary>
internal sealed class Doubling() : nn.Module<Tensor, Tensor>("doubling")
{
    public override Tensor forward(Tensor input) => 2 * input;
}

/// <summary>A model that multiplies by a matrix of its own.</summary>
internal sealed class OwnMatrix : nn.Module<Tensor, Tensor>
{
    private readonly Parameter _matrix = nn.Parameter(randn(3, 3));

    public OwnMatrix()
        : base("own") => RegisterComponents();

    public override Tensor forward(Tensor input) => input.matmul(_matrix);
}
