// expects: GL2006
// symptom: share of the first learning rate that the first step has
// sick: < 0.99
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = Linear(8, 1);
var optimizer = torch.optim.SGD(model.parameters(), 0.05);
var scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5);
var x = torch.randn(64, 8);
var y = x.sum(1, keepdim: true);
double used = double.NaN;
for (int i = 0; i < 10; i++)
{
    scheduler.step();
    optimizer.zero_grad();
    functional.mse_loss(model.forward(x), y).backward();
    double before = model.bias!.ToDouble();
    double gradient = model.bias!.grad!.ToDouble();
    optimizer.step();
    used = i == 0 ? (before - model.bias!.ToDouble()) / gradient : used;
}

Console.WriteLine("symptom: " + (used / 0.05).ToString(CultureInfo.InvariantCulture));
