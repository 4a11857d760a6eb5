// expects: GL5007
// symptom: growth in 100 steps of the weights of an input that is always 0
// sick: > 2
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var policy = Linear(8, 4);
var optimizer = torch.optim.SGD(policy.parameters(), 0.1, weight_decay: 0.5, maximize: true);
var x = torch.randn(32, 8) * torch.tensor(new float[] { 1, 1, 1, 1, 1, 1, 1, 0 });
double before = policy.weight![.., 7].norm().ToDouble();
for (int i = 0; i < 100; i++)
{
    optimizer.zero_grad();
    policy.forward(x).tanh().mean().backward();
    optimizer.step();
}

Console.WriteLine("symptom: " + (policy.weight![.., 7].norm().ToDouble() / before).ToString(CultureInfo.InvariantCulture));
