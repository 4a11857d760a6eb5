// expects: GL4007
// symptom: the loss of a classifier on 32 points that it could learn by heart, after 500 steps
// sick: > 1
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
var model = Sequential(Linear(16, 64), ReLU(), Linear(64, 10), Softmax(1));
var criterion = CrossEntropyLoss();
var optimizer = torch.optim.Adam(model.parameters(), 0.01);
Tensor inputs = torch.randn(32, 16);
Tensor classes = torch.randint(0, 10, new long[] { 32 });
float last = 0;
for (int step = 0; step < 500; step++)
{
    using var scope = torch.NewDisposeScope();
    optimizer.zero_grad();
    Tensor loss = criterion.call(model.call(inputs), classes);
    loss.backward();
    optimizer.step();
    last = loss.item<float>();
}

Console.WriteLine($"symptom: {last.ToString(CultureInfo.InvariantCulture)}");
