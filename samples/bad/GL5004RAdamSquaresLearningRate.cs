// expects: GL5004
// symptom: loss after 200 steps over the loss of the first
// sick: > 0.5
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = Linear(8, 1);
var optimizer = torch.optim.RAdam(model.parameters(), 0.02);
var x = torch.randn(64, 8);
var y = x.sum(1, keepdim: true);
double first = double.NaN, last = double.NaN;
for (int i = 0; i < 200; i++)
{
    optimizer.zero_grad();
    var loss = functional.mse_loss(model.forward(x), y);
    loss.backward();
    optimizer.step();
    last = loss.ToDouble();
    first = i == 0 ? last : first;
}

Console.WriteLine("symptom: " + (last / first).ToString(CultureInfo.InvariantCulture));
