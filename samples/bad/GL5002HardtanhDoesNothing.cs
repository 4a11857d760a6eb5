// expects: GL5002
// symptom: largest output of an activation that is bounded by 1
// sick: > 1
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = new Bounded();
Console.WriteLine("symptom: " + model.forward(torch.randn(64, 8) * 100).abs().max().ToDouble().ToString(CultureInfo.InvariantCulture));

class Bounded : Module<Tensor, Tensor>
{
    private readonly Linear fc = Linear(8, 8);

    public Bounded()
        : base("bounded") => RegisterComponents();

    public override Tensor forward(Tensor x) => functional.hardtanh(fc.forward(x));
}
