// expects: GL5005
// symptom: predicted variance over the true one
// sick: > 3
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var mean = Linear(4, 1);
var spread = Linear(4, 1);
var optimizer = torch.optim.Adam(mean.parameters().Concat(spread.parameters()), 0.02);
var x = torch.randn(256, 4);
var y = x.sum(1, keepdim: true) + (0.1 * torch.randn(256, 1));
for (int i = 0; i < 600; i++)
{
    optimizer.zero_grad();
    var predicted = mean.forward(x);
    var variance = functional.softplus(spread.forward(x));
    var loss = functional.gaussian_nll_loss(predicted, y, variance);
    loss.backward();
    optimizer.step();
}

Console.WriteLine("symptom: " + (functional.softplus(spread.forward(x)).mean().ToDouble() / 0.01).ToString(CultureInfo.InvariantCulture));
