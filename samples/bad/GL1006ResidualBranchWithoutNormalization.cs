// expects: GL1006
// symptom: the gradient norm of the first layer
// sick: > 100
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// He weights suit a plain stack; in a residual block the branch comes on top of what is passed by.
random.manual_seed(1);
var model = Sequential(
    new Block(), new Block(), new Block(), new Block(), new Block(), new Block(), new Block(), new Block(), new Block(), new Block(),
    new Block(), new Block(), new Block(), new Block(), Linear(64, 1));
var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
double first = model.parameters().First().grad!.norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first}"));

class Block : Module<Tensor, Tensor>
{
    private readonly Linear fc1;
    private readonly Linear fc2;

    public Block() : base("block")
    {
        fc1 = Linear(64, 64);
        fc2 = Linear(64, 64);
        RegisterComponents();
        init.kaiming_normal_(fc1.weight, nonlinearity: init.NonlinearityType.ReLU);
        init.kaiming_normal_(fc2.weight, nonlinearity: init.NonlinearityType.ReLU);
    }

    public override Tensor forward(Tensor x) => x + fc2.call(fc1.call(x).relu());
}
