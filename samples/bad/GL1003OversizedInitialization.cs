// expects: GL1003
// symptom: the largest gradient norm of a layer
// sick: > 1e4
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// A standard deviation of 1, whatever the width.
random.manual_seed(1);
var model = new Net();
var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
double largest = model.parameters().Max(parameter => parameter.grad!.norm().item<float>());
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {largest}"));

class Net : Module<Tensor, Tensor>
{
    private readonly Linear fc1 = Linear(64, 128);
    private readonly Linear fc2 = Linear(128, 128);
    private readonly Linear fc3 = Linear(128, 128);
    private readonly Linear head = Linear(128, 1);

    public Net() : base("net")
    {
        RegisterComponents();
        using (no_grad())
        {
            foreach (var layer in new[] { fc1, fc2, fc3, head })
            {
                layer.weight.normal_();
            }
        }
    }

    public override Tensor forward(Tensor x) => head.call(fc3.call(fc2.call(fc1.call(x).relu()).relu()).relu());
}
