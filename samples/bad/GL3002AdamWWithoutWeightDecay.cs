// expects: GL3002
// symptom: share that is left of the weights of an input that is always 0
// sick: > 0.95
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = Linear(8, 1);
var optimizer = torch.optim.AdamW(model.parameters(), 0.01);
var x = torch.randn(64, 8) * torch.tensor(new float[] { 1, 1, 1, 1, 1, 1, 1, 0 });
var y = x.sum(1, keepdim: true);
double before = model.weight![0, 7].ToDouble();
for (int i = 0; i < 1000; i++)
{
    optimizer.zero_grad();
    functional.mse_loss(model.forward(x), y).backward();
    optimizer.step();
}

Console.WriteLine("symptom: " + (model.weight![0, 7].ToDouble() / before).ToString(CultureInfo.InvariantCulture));
