// expects: GL1007
// symptom: the gradient norm of the first layer, over that of the last
// sick: > 30
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// The norm stands behind the activation; in front of it the gradient keeps its size.
random.manual_seed(1);
var model = new Net();
var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
var linears = model.modules().OfType<Linear>().ToArray();
double first = linears[0].weight!.grad!.norm().item<float>();
double last = linears[^1].weight!.grad!.norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first / last}"));

class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential();

    public Net() : base("net")
    {
        for (int i = 0; i < 30; i++)
        {
            layers.append(Linear(64, 64));
            layers.append(ReLU());
            layers.append(LayerNorm(64));
        }

        layers.append(Linear(64, 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}
