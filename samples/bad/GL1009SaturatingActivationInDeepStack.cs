// expects: GL1009
// symptom: the gradient norm of the first layer
// sick: < 0.001
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// The slope of the sigmoid is at most a quarter.
random.manual_seed(1);
var model = new Net();
var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
double first = model.parameters().First().grad!.norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first}"));

class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(64, 64);
    private readonly Linear fc2 = Linear(64, 64);
    private readonly Linear fc3 = Linear(64, 64);
    private readonly Linear fc4 = Linear(64, 64);
    private readonly Linear fc5 = Linear(64, 64);
    private readonly Linear head = Linear(64, 1);

    public Net() : base("net")
    {
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = fc1.call(x).sigmoid();
        x = fc2.call(x).sigmoid();
        x = fc3.call(x).sigmoid();
        x = sigmoid(fc4.call(x));
        x = functional.sigmoid(fc5.call(x));
        return head.call(x);
    }
}
