// expects: GL2001
// symptom: loss after 60 steps over the loss of the first
// sick: > 1
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.random.manual_seed(1);
var model = new Summing();
var optimizer = torch.optim.SGD(model.parameters(), 0.01);
double first = double.NaN, last = double.NaN;
for (int i = 0; i < 60; i++)
{
    var x = torch.rand(8, 40, 1);
    optimizer.zero_grad();
    var loss = functional.mse_loss(model.forward(x), x.sum(1));
    loss.backward();
    optimizer.step();
    last = loss.ToDouble();
    first = i == 0 ? last : first;
}

Console.WriteLine("symptom: " + (last / first).ToString(CultureInfo.InvariantCulture));

class Summing : Module<Tensor, Tensor>
{
    private readonly RNN rnn = RNN(1, 32, nonLinearity: NonLinearities.ReLU, batchFirst: true);
    private readonly Linear head = Linear(32, 1);

    public Summing()
        : base("summing") => RegisterComponents();

    public override Tensor forward(Tensor x) => head.forward(rnn.forward(x, null).Item1[.., -1]);
}
