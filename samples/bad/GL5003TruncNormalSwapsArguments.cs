// expects: GL5003
// symptom: standard deviation of weights that are drawn with 0.02
// sick: < 0.01
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var layer = Linear(64, 64);
init.trunc_normal_(layer.weight, 0, 0.02);
Console.WriteLine("symptom: " + layer.weight!.std().ToDouble().ToString(CultureInfo.InvariantCulture));
