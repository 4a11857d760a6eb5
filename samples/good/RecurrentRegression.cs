// An LSTM over sixty steps: the gradients are clipped before every step.
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

set_num_threads(1);
random.manual_seed(1);
var model = new Regression(hidden: 32);
var optimizer = torch.optim.Adam(model.parameters(), 5e-3, weight_decay: 1e-5);
var schedule = torch.optim.lr_scheduler.StepLR(optimizer, 60, 0.3);
double first = double.NaN;
for (int step = 0; step < 100; step++)
{
    using var scope = NewDisposeScope();
    Tensor x = rand(32, 60, 1);
    optimizer.zero_grad();
    Tensor loss = functional.mse_loss(model.call(x), x.mean([1L]));
    loss.backward();
    double norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
    if (double.IsFinite(norm))
    {
        optimizer.step();
    }

    schedule.step();
    first = step == 0 ? loss.ToDouble() : first;
}

model.eval();
using (no_grad())
{
    Tensor unseen = rand(256, 60, 1);
    double last = functional.mse_loss(model.call(unseen), unseen.mean([1L])).ToDouble();
    Console.WriteLine("loss on unseen data over the first: " + (last / first).ToString(CultureInfo.InvariantCulture));
}

class Regression : Module<Tensor, Tensor>
{
    private readonly LSTM lstm;
    private readonly Linear head;

    public Regression(long hidden)
        : base("regression")
    {
        lstm = LSTM(1, hidden, batchFirst: true);
        head = Linear(hidden, 1);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        (Tensor outputs, _, _) = lstm.call(x, null);
        return head.call(outputs[.., -1]);
    }
}
