// expects: GL1005
// symptom: the largest gradient norm of a layer
// sick: > 100
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// A slope of 5 where 0.01 was meant: half of the units make their inputs five times larger.
random.manual_seed(1);
const double slope = 5;
var model = Sequential(
    Linear(64, 64), LeakyReLU(slope),
    Linear(64, 64), LeakyReLU(slope),
    Linear(64, 64), LeakyReLU(slope),
    Linear(64, 64), LeakyReLU(slope),
    Linear(64, 1));
foreach (var (name, parameter) in model.named_parameters())
{
    if (name.EndsWith("weight"))
    {
        init.kaiming_normal_(parameter);
    }
}

var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
double largest = model.parameters().Max(parameter => parameter.grad!.norm().item<float>());
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {largest}"));
