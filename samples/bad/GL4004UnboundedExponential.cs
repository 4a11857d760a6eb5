// expects: GL4004
// symptom: the loss of attention whose softmax is written by hand
// sick: > 100
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
var model = new Pooling();
Tensor inputs = 500 * torch.randn(8, 5, 16);
Tensor loss = (model.call(inputs) / 500).pow(2).mean();
loss.backward();
Console.WriteLine($"symptom: {loss.item<float>().ToString(CultureInfo.InvariantCulture)}");

internal sealed class Pooling : Module<Tensor, Tensor>
{
    private readonly Linear _score = Linear(16, 1);

    public Pooling()
        : base(nameof(Pooling)) => RegisterComponents();

    /// <summary>The mean of the rows, weighed by the exponentials of their scores.</summary>
    public override Tensor forward(Tensor x)
    {
        Tensor weights = torch.exp(_score.call(x));
        return (x * weights / weights.sum(1, keepdim: true)).sum(1);
    }
}
