// A deep classifier: He initialization, normalization before each rectifier, clipping that also stops NaN, weight decay, a schedule, validation.
using System;
using System.Globalization;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

set_num_threads(1);
random.manual_seed(1);
var model = new DeepClassifier(depth: 10, width: 64);
var optimizer = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay: 0.01);
var schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 100);
Tensor truth = randn(16, 4);
double first = double.NaN;
for (int step = 0; step < 100; step++)
{
    using var scope = NewDisposeScope();
    Tensor x = randn(64, 16);
    optimizer.zero_grad();
    Tensor loss = functional.cross_entropy(model.call(x), x.mm(truth).argmax(1));
    loss.backward();
    if (double.IsFinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
    {
        optimizer.step();
    }

    schedule.step();
    first = step == 0 ? loss.ToDouble() : first;
}

model.eval();
using (no_grad())
{
    Tensor unseen = randn(512, 16);
    double last = functional.cross_entropy(model.call(unseen), unseen.mm(truth).argmax(1)).ToDouble();
    Console.WriteLine("loss on unseen data over the first: " + (last / first).ToString(CultureInfo.InvariantCulture));
}

class DeepClassifier : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential();

    public DeepClassifier(int depth, int width)
        : base("classifier")
    {
        int inputs = 16;
        for (int i = 0; i < depth; i++)
        {
            layers.append(Linear(inputs, width));
            layers.append(LayerNorm(width));
            layers.append(ReLU());
            inputs = width;
        }

        layers.append(Linear(width, 4));
        foreach (Linear layer in layers.children().OfType<Linear>())
        {
            init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.ReLU);
            init.zeros_(layer.bias!);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => layers.call(x);
}
