using GradLint;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GuardedTraining;

/// <summary>
/// A transformer of two layers that learns to turn a sequence of digits around. In its report, look at the gradient norm: it falls a hundredfold with the loss, so that a threshold of 1
/// limits nothing after the start, and a spike of a hundred times the usual would pass it. And at the magnitudes, which wander to the left as the task is solved.
/// </summary>
internal static class SmallTransformer
{
    private const int Digits = 10;
    private const int Length = 8;
    private const int Width = 48;

    public static TrainingResult Train(TrainerOptions options)
    {
        _ = manual_seed(options.Seed!.Value);
        using var model = new Network();
        var trainer = new Trainer<Tensor>(
            model,
            sequence => functional.cross_entropy(model.call(sequence).flatten(0, 1), sequence.flip(1).flatten()),
            parameters => optim.AdamW(parameters, 2e-3, weight_decay: 0.01),
            options with { Epochs = 4 });
        return trainer.Fit(_ => Sequences(100), Sequences(5));
    }

    private static IEnumerable<Tensor> Sequences(int count)
    {
        for (int i = 0; i < count; i++)
        {
            using Tensor batch = randint(Digits, [64, Length]);
            yield return batch;
        }
    }

    private sealed class Network : Module<Tensor, Tensor>
    {
        private readonly Embedding _digits = Embedding(Digits, Width);
        private readonly Embedding _places = Embedding(Length, Width);
        private readonly TransformerEncoder _encoder = TransformerEncoder(TransformerEncoderLayer(Width, 4, 2 * Width, dropout: 0), 2);
        private readonly Linear _head = Linear(Width, Digits);

        public Network()
            : base("SmallTransformer") => RegisterComponents();

        // The encoder takes the place in the sequence as its first dimension.
        public override Tensor forward(Tensor input) => _head.call(
            _encoder.call((_digits.call(input) + _places.call(arange(Length))).transpose(0, 1), null, null).transpose(0, 1));
    }
}
