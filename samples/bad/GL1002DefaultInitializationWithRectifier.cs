// expects: GL1002
// symptom: norm of the first layer's gradient in the first batch
// sick: < 1e-4
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = new DeepNet();
functional.mse_loss(model.forward(torch.randn(64, 32)), torch.randn(64, 1)).backward();
Console.WriteLine("symptom: " + model.First.weight!.grad!.norm().ToDouble().ToString(CultureInfo.InvariantCulture));

class DeepNet : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential();

    public DeepNet()
        : base("deep")
    {
        for (int i = 0; i < 12; i++)
        {
            layers.append(Linear(i == 0 ? 32 : 64, 64));
            layers.append(ReLU());
        }

        layers.append(Linear(64, 1));
        RegisterComponents();
    }

    public Linear First => (Linear)layers[0];

    public override Tensor forward(Tensor x) => layers.forward(x);
}
