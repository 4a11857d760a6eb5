// expects: GL1002
// symptom: the gradient norm of the first layer
// sick: < 0.01
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// TorchSharp's default weights are too small for rectifiers.
random.manual_seed(1);
var model = Sequential(
    Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(), Linear(64, 64), ReLU(),
    Linear(64, 64), ReLU(), Linear(64, 1));
var (x, y) = (randn(64, 64), randn(64, 1));
functional.mse_loss(model.call(x), y).backward();
double first = model.parameters().First().grad!.norm().item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {first}"));
