// A convolutional classifier on bytes: scaled input, batch norms, logits into the cross-entropy, gradients of several small batches in one step.
using System;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

const int MicroBatches = 4;

set_num_threads(1);
random.manual_seed(1);
var model = new ImageClassifier();
var optimizer = torch.optim.SGD(model.parameters(), 0.05, momentum: 0.5, weight_decay: 1e-4);
var schedule = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.5);
double first = double.NaN;
for (int step = 0; step < 40; step++)
{
    using var scope = NewDisposeScope();
    optimizer.zero_grad();
    double sum = 0;
    for (int i = 0; i < MicroBatches; i++)
    {
        (Tensor images, Tensor classes) = Draw(16);
        Tensor loss = functional.cross_entropy(model.call(images), classes) / MicroBatches;
        loss.backward();
        sum += loss.ToDouble();
    }

    if (double.IsFinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)))
    {
        optimizer.step();
    }

    schedule.step();
    first = step == 0 ? sum : first;
}

model.eval();
using (no_grad())
{
    (Tensor images, Tensor classes) = Draw(256);
    double last = functional.cross_entropy(model.call(images), classes).ToDouble();
    Console.WriteLine("loss on unseen data over the first: " + (last / first).ToString(CultureInfo.InvariantCulture));
}

// Pictures that are brighter at the left, or at the right.
static (Tensor Images, Tensor Classes) Draw(int count)
{
    Tensor classes = randint(2, count);
    Tensor bytes = randint(0, 200, new long[] { count, 1, 16, 16 });
    Tensor bright = where(classes.view(-1, 1, 1, 1) == 0, arange(16) < 8, arange(16) >= 8);
    return ((bytes + (bright * 50)).to_type(ScalarType.Float32) / 255, classes);
}

class ImageClassifier : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential(
        Conv2d(1, 8, 3, padding: 1, bias: false), BatchNorm2d(8), ReLU(), MaxPool2d(2),
        Conv2d(8, 16, 3, padding: 1, bias: false), BatchNorm2d(16), ReLU(), MaxPool2d(2),
        Flatten(), Linear(256, 2));

    public ImageClassifier()
        : base("images") => RegisterComponents();

    public override Tensor forward(Tensor x) => layers.call(x);
}
