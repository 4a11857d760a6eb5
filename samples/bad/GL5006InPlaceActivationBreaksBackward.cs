// expects: GL5006
// symptom: share of the batches in which backward threw
// sick: > 0
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = Sequential(Linear(8, 8), Mish(inplace: true), Linear(8, 1));
double thrown = 0;
for (int i = 0; i < 10; i++)
{
    var loss = model.forward(torch.randn(16, 8)).square().mean();
    try
    {
        loss.backward();
    }
    catch (System.Runtime.InteropServices.ExternalException)
    {
        thrown++;
    }
}

Console.WriteLine("symptom: " + (thrown / 10).ToString(CultureInfo.InvariantCulture));
