// Thirty residual blocks with a norm at the start of each branch, trained under the guard.
using System;
using System.Globalization;
using System.Linq;
using GradLint;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

set_num_threads(1);
random.manual_seed(1);
var model = Sequential(Enumerable.Range(0, 30).Select(_ => (Module<Tensor, Tensor>)new Block(32)).Append(Linear(32, 1)));
var optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay: 0.01);
var schedule = torch.optim.lr_scheduler.StepLR(optimizer, 50);
using var guard = GradientGuard.For(model, optimizer);
double first = double.NaN;
for (int step = 0; step < 100; step++)
{
    using var scope = NewDisposeScope();
    Tensor x = randn(64, 32);
    optimizer.zero_grad();
    Tensor loss = functional.mse_loss(model.call(x), x.sin().mean([1L], keepdim: true));
    loss.backward();
    guard.Step(loss);
    schedule.step();
    first = step == 0 ? loss.ToDouble() : first;
}

model.eval();
using (no_grad())
{
    Tensor unseen = randn(512, 32);
    double last = functional.mse_loss(model.call(unseen), unseen.sin().mean([1L], keepdim: true)).ToDouble();
    Console.WriteLine("loss on unseen data over the first: " + (last / first).ToString(CultureInfo.InvariantCulture));
}

class Block : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm;
    private readonly Linear widen, narrow;

    public Block(long width)
        : base("block")
    {
        norm = LayerNorm(width);
        widen = Linear(width, 2 * width);
        narrow = Linear(2 * width, width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => x + narrow.call(functional.gelu(widen.call(norm.call(x))));
}
