// expects: GL4008
// symptom: the standard deviation of what a batch norm puts out for inputs of 0.1
// sick: < 0.5
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
var norm = BatchNorm1d(16, 0.8);
Tensor normalized = norm.call(0.1 * torch.randn(256, 16));
Console.WriteLine($"symptom: {normalized.std().item<float>().ToString(CultureInfo.InvariantCulture)}");
