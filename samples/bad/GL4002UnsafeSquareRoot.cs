// expects: GL4002
// symptom: the norm of the gradient of a loss on the distances between points
// sick: > 1000
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
var model = new Embedder();
Tensor spread = model.call(torch.randn(16, 8));
spread.mean().backward();
Console.WriteLine($"symptom: {model.Norm().ToString(CultureInfo.InvariantCulture)}");

internal sealed class Embedder : Module<Tensor, Tensor>
{
    private readonly Linear _line = Linear(8, 4);

    public Embedder()
        : base(nameof(Embedder)) => RegisterComponents();

    /// <summary>The distances of all points from each other; each point's from itself is 0.</summary>
    public override Tensor forward(Tensor x)
    {
        Tensor points = _line.call(x);
        return (points.unsqueeze(0) - points.unsqueeze(1)).pow(2).sum(-1).sqrt();
    }

    public float Norm() => _line.weight!.grad!.norm().item<float>();
}
