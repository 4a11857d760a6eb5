// A variational autoencoder: the logarithm of the variance is bounded before exp, the reconstruction is compared by its logits.
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

set_num_threads(1);
random.manual_seed(1);
var model = new Autoencoder();
var optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay: 1e-4);
var schedule = torch.optim.lr_scheduler.StepLR(optimizer, 60, 0.5);
double first = double.NaN;
for (int step = 0; step < 100; step++)
{
    using var scope = NewDisposeScope();
    optimizer.zero_grad();
    Tensor loss = model.Loss(Draw(64));
    loss.backward();
    if (double.IsFinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)))
    {
        optimizer.step();
    }

    schedule.step();
    first = step == 0 ? loss.ToDouble() : first;
}

model.eval();
using (no_grad())
{
    double last = model.Loss(Draw(256)).ToDouble();
    Console.WriteLine("loss on unseen data over the first: " + (last / first).ToString(CultureInfo.InvariantCulture));
}

// Two patterns of black and white pixels, with a few of them flipped.
static Tensor Draw(int count)
{
    Tensor pattern = (arange(32) < 16).to_type(ScalarType.Float32);
    Tensor kind = randint(2, new long[] { count, 1 }).to_type(ScalarType.Float32);
    Tensor clean = (kind * pattern) + ((1 - kind) * (1 - pattern));
    Tensor flipped = (rand(count, 32) < 0.05).to_type(ScalarType.Float32);
    return (clean - flipped).abs();
}

class Autoencoder : Module<Tensor, Tensor>
{
    private readonly Sequential encoder = Sequential(Linear(32, 32), ReLU());
    private readonly Linear mean = Linear(32, 4);
    private readonly Linear logVariance = Linear(32, 4);
    private readonly Sequential decoder = Sequential(Linear(4, 32), ReLU(), Linear(32, 32));

    public Autoencoder()
        : base("autoencoder") => RegisterComponents();

    public override Tensor forward(Tensor x) => decoder.call(mean.call(encoder.call(x)));

    public Tensor Loss(Tensor x)
    {
        Tensor code = encoder.call(x);
        Tensor mu = mean.call(code);
        Tensor logVar = logVariance.call(code).clamp(-10, 10);
        Tensor drawn = mu + ((0.5 * logVar).exp() * randn_like(mu));
        Tensor reconstruction = functional.binary_cross_entropy_with_logits(decoder.call(drawn), x, reduction: Reduction.Sum);
        Tensor divergence = -0.5 * (1 + logVar - mu.square() - logVar.exp()).sum();
        return (reconstruction + divergence) / x.shape[0];
    }
}
