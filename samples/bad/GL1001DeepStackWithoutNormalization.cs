// expects: GL1001
// symptom: the gradient norm of the first layer, over that of the last
// sick: < 0.01
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// Small weights and no normalization: each layer passes half of the gradient on.
random.manual_seed(1);
var model = Sequential();
for (int i = 0; i < 12; i++)
{
    var layer = Linear(64, 64);
    init.normal_(layer.weight, 0, 0.09);
    model.append(layer);
    model.append(ReLU());
}

model.append(Linear(64, 1));
var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
var parameters = model.parameters().ToArray();
double first = parameters[0].grad!.norm().item<float>();
double last = parameters[^2].grad!.norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first / last}"));
