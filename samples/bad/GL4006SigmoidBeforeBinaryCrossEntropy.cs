// expects: GL4006
// symptom: the loss of a classifier that starts out certain and wrong, after 500 steps
// sick: > 10
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
Linear model = Linear(4, 1);
init.constant_(model.bias!, 30);
var optimizer = torch.optim.SGD(model.parameters(), 0.1);
Tensor inputs = torch.randn(32, 4);
Tensor absent = torch.zeros(32, 1);
float last = 0;
for (int step = 0; step < 500; step++)
{
    using var scope = torch.NewDisposeScope();
    optimizer.zero_grad();
    Tensor loss = functional.binary_cross_entropy(torch.sigmoid(model.call(inputs)), absent);
    loss.backward();
    optimizer.step();
    last = loss.item<float>();
}

Console.WriteLine($"symptom: {last.ToString(CultureInfo.InvariantCulture)}");
