// expects: GL4001
// symptom: the loss of a classifier that becomes certain, after 100 steps
// sick: > 10
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

torch.set_num_threads(1);
torch.random.manual_seed(1);
var model = new Detector();
var optimizer = torch.optim.SGD(model.parameters(), 0.1);

// Two groups of points, far apart: the detector is soon so certain that its sigmoid rounds to 1.
Tensor labels = torch.arange(64).remainder(2).to_type(ScalarType.Float32).unsqueeze(1);
Tensor points = torch.randn(64, 2) + 60 * labels;
float last = 0;
for (int step = 0; step < 100; step++)
{
    using var scope = torch.NewDisposeScope();
    optimizer.zero_grad();
    Tensor present = model.call(points);
    Tensor loss = -(labels * present.log() + (1 - labels) * (1 - present).log()).mean();
    loss.backward();
    optimizer.step();
    last = loss.item<float>();
}

Console.WriteLine($"symptom: {last.ToString(CultureInfo.InvariantCulture)}");

internal sealed class Detector : Module<Tensor, Tensor>
{
    private readonly Linear _line = Linear(2, 1);

    public Detector()
        : base(nameof(Detector)) => RegisterComponents();

    public override Tensor forward(Tensor x) => torch.sigmoid(_line.call(x));
}
