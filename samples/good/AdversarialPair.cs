// A generator against a critic: each optimizer clears, clips and steps what is its own.
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

set_num_threads(1);
random.manual_seed(1);
Sequential generator = Sequential(Linear(4, 32), LeakyReLU(0.2), Linear(32, 2));
Sequential critic = Sequential(Linear(2, 32), LeakyReLU(0.2), Linear(32, 1));
var generatorOptimizer = torch.optim.Adam(generator.parameters(), 1e-3, beta1: 0.5, weight_decay: 1e-5);
var criticOptimizer = torch.optim.Adam(critic.parameters(), 1e-3, beta1: 0.5, weight_decay: 1e-5);
var generatorSchedule = torch.optim.lr_scheduler.StepLR(generatorOptimizer, 200, 0.5);
var criticSchedule = torch.optim.lr_scheduler.StepLR(criticOptimizer, 200, 0.5);
Tensor center = tensor(new float[] { 2, -1 });
double before = Distance();
for (int step = 0; step < 300; step++)
{
    using var scope = NewDisposeScope();
    Tensor real = (randn(64, 2) * 0.3) + center;
    Tensor made = generator.call(randn(64, 4));

    criticOptimizer.zero_grad();
    Tensor criticLoss = functional.binary_cross_entropy_with_logits(critic.call(real), ones(64, 1))
        + functional.binary_cross_entropy_with_logits(critic.call(made.detach()), zeros(64, 1));
    criticLoss.backward();
    if (double.IsFinite(torch.nn.utils.clip_grad_norm_(critic.parameters(), 1.0)))
    {
        criticOptimizer.step();
    }

    generatorOptimizer.zero_grad();
    Tensor generatorLoss = functional.binary_cross_entropy_with_logits(critic.call(made), ones(64, 1));
    generatorLoss.backward();
    if (double.IsFinite(torch.nn.utils.clip_grad_norm_(generator.parameters(), 1.0)))
    {
        generatorOptimizer.step();
    }

    generatorSchedule.step();
    criticSchedule.step();
}

Console.WriteLine("distance from the center over that before training: " + (Distance() / before).ToString(CultureInfo.InvariantCulture));

double Distance()
{
    using var scope = NewDisposeScope();
    using var fixedWeights = no_grad();
    return (generator.call(randn(1024, 4)).mean([0L]) - center).norm().ToDouble();
}
