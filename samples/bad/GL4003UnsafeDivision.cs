// expects: GL4003
// symptom: the loss of a network that weighs its inputs, of which one row has no weight at all
// sick: > 10
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
var model = new Weigher();
Tensor inputs = torch.randn(512, 2);
Tensor loss = (model.call(inputs) - 1).pow(2).mean();
loss.backward();
Console.WriteLine($"symptom: {loss.item<float>().ToString(CultureInfo.InvariantCulture)}");

internal sealed class Weigher : Module<Tensor, Tensor>
{
    private readonly Linear _score = Linear(2, 2);

    public Weigher()
        : base(nameof(Weigher)) => RegisterComponents();

    /// <summary>The mean of each row, weighed by scores. Among enough rows there is one whose scores are all negative.</summary>
    public override Tensor forward(Tensor x)
    {
        Tensor scores = functional.relu(_score.call(x));
        return (scores * x).sum(1) / scores.sum(1);
    }
}
