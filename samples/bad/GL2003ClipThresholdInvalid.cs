// expects: GL2003
// symptom: the loss after 200 steps, over the loss at the start
// sick: > 0.9
using System;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

// The threshold has the wrong sign, so clipping turns every gradient around.
random.manual_seed(1);
var (x, y) = (randn(64, 8), randn(64, 1));
var model = Sequential(Linear(8, 16), Tanh(), Linear(16, 1));
var criterion = MSELoss();
var optimizer = optim.SGD(model.parameters(), 0.01);
double first = criterion.call(model.call(x), y).item<float>();
for (int step = 0; step < 200; step++)
{
    optimizer.zero_grad();
    criterion.call(model.call(x), y).backward();
    nn.utils.clip_grad_norm_(model.parameters(), -1.0);
    optimizer.step();
}

double last = criterion.call(model.call(x), y).item<float>();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"symptom: {last / first}"));
