// expects: GL5001
// symptom: largest distance of the norm's weights from 1
// sick: > 0.5
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = new Normalized();
Console.WriteLine("symptom: " + (model.Norm.weight - 1).abs().nan_to_num(1e30).max().ToDouble().ToString(CultureInfo.InvariantCulture));

class Normalized : Module<Tensor, Tensor>
{
    private readonly Conv2d conv = Conv2d(3, 64, 3);
    private readonly GroupNorm norm = GroupNorm(4, 64);

    public Normalized()
        : base("normalized")
    {
        RegisterComponents();
    }

    public GroupNorm Norm => norm;

    public override Tensor forward(Tensor x) => norm.forward(conv.forward(x));
}
