// expects: GL1003
// symptom: norm of the first layer's gradient in the first batch
// sick: > 1e6
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = new DeepNet();
functional.mse_loss(model.forward(torch.randn(64, 128)), torch.randn(64, 128)).backward();
Console.WriteLine("symptom: " + model.First.weight!.grad!.norm().ToDouble().ToString(CultureInfo.InvariantCulture));

class DeepNet : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential();

    public DeepNet()
        : base("deep")
    {
        for (int i = 0; i < 8; i++)
        {
            var layer = Linear(128, 128);
            init.normal_(layer.weight);
            layers.append(layer);
            layers.append(ReLU());
        }

        RegisterComponents();
    }

    public Linear First => (Linear)layers[0];

    public override Tensor forward(Tensor x) => layers.forward(x);
}
