using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Faults;

/// <summary>
/// A perceptron, a convolutional, a recurrent and a transformer network, each on a regression that it can learn within a few
/// hundred steps, on data with noise: the best loss there is, is 0.25.
/// </summary>
public static class StandardModels
{
    private const int Batch = 32;
    private const int TestBatches = 32;

    /// <summary>All four.</summary>
    /// <param name="steps">For how many steps there are batches.</param>
    public static IReadOnlyList<StudyModel> All(int steps) =>
    [
        new("MLP", () => Perceptron(steps)),
        new("CNN", () => Convolutional(steps)),
        new("RNN", () => Recurrent(steps)),
        new("transformer", () => Transformer(steps)),
    ];

    private static StudyTask Perceptron(int steps) => Regression(
        nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1)),
        steps,
        [4],
        x => (2 * x.select(-1, 0)) - x.select(-1, 1) + (x.select(-1, 2) * x.select(-1, 3)).tanh());

    /// <summary>What is in the upper half of an image, less what is in the lower.</summary>
    private static StudyTask Convolutional(int steps) => Regression(
        nn.Sequential(
            nn.Conv2d(1, 8, 3, padding: 1L), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, padding: 1L), nn.ReLU(), nn.Flatten(),
            nn.Linear(8 * 4 * 4, 1)),
        steps,
        [1, 8, 8],
        x => 4 * (x.narrow(-2, 0, 4) - x.narrow(-2, 4, 4)).mean([-3, -2, -1]));

    /// <summary>The first element of a sequence, and the sum of another feature over all of it.</summary>
    private static StudyTask Recurrent(int steps) => Regression(
        new RecurrentModel(), steps, [6, 2], x => x.select(-1, 0).select(-1, 0) + x.select(-1, 1).mean([-1]));

    /// <summary>The mean of what all elements tell, which have to be looked at one by one.</summary>
    private static StudyTask Transformer(int steps) => Regression(
        new TransformerModel(), steps, [6, 4], x => 2 * (x.select(-1, 0).tanh() + (x.select(-1, 1) * 0.5)).mean([-1]));

    private static StudyTask Regression(nn.Module<Tensor, Tensor> model, int steps, long[] shape, Func<Tensor, Tensor> target)
    {
        Tensor x = randn([steps, Batch, .. shape]);
        Tensor y = target(x) + (0.5 * randn(steps, Batch));
        Tensor testX = randn([TestBatches * Batch, .. shape]);
        Tensor testY = target(testX) + (0.5 * randn(TestBatches * Batch));
        Tensor LossOn(Tensor input, Tensor output) => nn.functional.mse_loss(model.call(input).squeeze(-1), output);
        return new StudyTask(model, step => LossOn(x[step % steps], y[step % steps]), () => LossOn(testX, testY));
    }

    private sealed class RecurrentModel : nn.Module<Tensor, Tensor>
    {
        private readonly RNN _recurrent = nn.RNN(2, 16, nonLinearity: nn.NonLinearities.Tanh, batchFirst: true);
        private readonly Linear _head = nn.Linear(16, 1);

        public RecurrentModel()
            : base("recurrent") => RegisterComponents();

        public override Tensor forward(Tensor input) => _head.call(_recurrent.call(input).Item1.select(1, -1));
    }

    private sealed class TransformerModel : nn.Module<Tensor, Tensor>
    {
        private readonly Linear _embedding = nn.Linear(4, 16);
        private readonly TransformerEncoder _encoder =
            nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, dropout: 0), 1);

        private readonly Linear _head = nn.Linear(16, 1);

        public TransformerModel()
            : base("transformer") => RegisterComponents();

        /// <summary>TorchSharp's encoder takes the sequence first.</summary>
        public override Tensor forward(Tensor input) =>
            _head.call(_encoder.call(_embedding.call(input.transpose(0, 1)), null, null).mean([0]));
    }
}
