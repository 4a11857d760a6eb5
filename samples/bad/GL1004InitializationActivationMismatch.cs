// expects: GL1004
// symptom: the gradient norm of the first layer
// sick: < 0.05
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// Xavier is made for tanh; in front of a rectifier each layer loses half of the signal's power.
random.manual_seed(1);
var model = new Net();
var (x, y) = (randn(64, 64), randn(64, 64));
functional.mse_loss(model.call(x), y).backward();
double first = model.parameters().First().grad!.norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first}"));

class Net : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential();

    public Net() : base("net")
    {
        for (int i = 0; i < 14; i++)
        {
            var layer = Linear(64, 64);
            init.xavier_uniform_(layer.weight);
            init.zeros_(layer.bias);
            layers.append(layer);
            layers.append(ReLU());
        }

        layers.append(Linear(64, 64));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}
