using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>A model with its optimizer and a batch, small enough for a CPU.</summary>
internal sealed class Workload : IDisposable
{
    private readonly Func<Tensor> _loss;

    public Workload(string name, nn.Module model, Func<Tensor> loss)
    {
        (Name, Model, _loss) = (name, model, loss);
        Optimizer = optim.Adam(model.parameters(), 1e-4);
    }

    public string Name { get; }

    public nn.Module Model { get; }

    public optim.Optimizer Optimizer { get; }

    public long Elements => Model.parameters().Sum(parameter => parameter.numel());

    public static IEnumerable<Workload> All()
    {
        manual_seed(1);
        yield return Mlp();
        yield return Cnn();
        yield return Recurrent();
        yield return Transformer();
    }

    /// <summary>Forward and backward pass; the caller disposes the loss.</summary>
    public Tensor Backward()
    {
        Optimizer.zero_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor loss = _loss();
        loss.backward();
        return loss.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Model.Dispose();
    }

    private static Workload Mlp()
    {
        Sequential model = nn.Sequential(
            nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10));
        Tensor x = randn(128, 784);
        Tensor y = randint(10, 128);
        return new Workload("MLP", model, () => nn.functional.cross_entropy(model.call(x), y));
    }

    private static Workload Cnn()
    {
        Sequential model = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding: 1L), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding: 1L), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 7 * 7, 10));
        Tensor x = randn(64, 1, 28, 28);
        Tensor y = randint(10, 64);
        return new Workload("CNN", model, () => nn.functional.cross_entropy(model.call(x), y));
    }

    private static Workload Recurrent()
    {
        var model = new RecurrentModel();
        Tensor x = randn(32, 40, 32);
        return new Workload("LSTM", model, () => nn.functional.mse_loss(model.call(x), x));
    }

    private static Workload Transformer()
    {
        TransformerEncoder encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(128, 4, 512, dropout: 0), 4);
        Tensor x = randn(32, 16, 128);
        return new Workload("transformer", encoder, () => nn.functional.mse_loss(encoder.call(x, null, null), x));
    }

    private sealed class RecurrentModel : nn.Module<Tensor, Tensor>
    {
        private readonly LSTM _lstm = nn.LSTM(32, 128, numLayers: 2, batchFirst: true);
        private readonly Linear _head = nn.Linear(128, 32);

        public RecurrentModel()
            : base("recurrent") => RegisterComponents();

        public override Tensor forward(Tensor input) => _head.call(_lstm.call(input).Item1);
    }
}
