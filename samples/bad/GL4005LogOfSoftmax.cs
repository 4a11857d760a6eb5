// expects: GL4005
// symptom: the loss of a classifier whose logits are far apart
// sick: > 1000
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
Linear model = Linear(8, 4);
var optimizer = torch.optim.SGD(model.parameters(), 0.01);
Tensor inputs = 200 * torch.randn(32, 8);
Tensor classes = torch.randint(0, 4, new long[] { 32 });
float last = 0;
for (int step = 0; step < 20; step++)
{
    using var scope = torch.NewDisposeScope();
    optimizer.zero_grad();
    Tensor logits = model.call(inputs);
    Tensor loss = -torch.log(functional.softmax(logits, 1)).gather(1, classes.unsqueeze(1)).mean();
    loss.backward();
    optimizer.step();
    last = loss.item<float>();
}

Console.WriteLine($"symptom: {last.ToString(CultureInfo.InvariantCulture)}");
