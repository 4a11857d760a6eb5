using GradLint;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GuardedTraining;

/// <summary>
/// A character-level LSTM on a text of 30,000 letters. In its report, look at the suggested threshold: this run's norms stay far below the default of 1, so that
/// nothing is ever clipped, and a spike three times the usual would pass. And at the validation loss, which tells when 30,000 letters are learned by heart.
/// </summary>
internal static class CharacterLstm
{
    private const int Letters = 64;
    private const int Batch = 32;
    private const int Batches = 60;

    public static TrainingResult Train(TrainerOptions options)
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Data", "ecclesiastes.txt"));
        char[] alphabet = [.. text.Distinct().Order()];
        using Tensor codes = tensor(text.Select(letter => (long)Array.IndexOf(alphabet, letter)).ToArray());
        _ = manual_seed(options.Seed!.Value);
        using var model = new Network(alphabet.Length);
        var trainer = new Trainer<(Tensor X, Tensor Y)>(
            model,
            batch => functional.cross_entropy(model.call(batch.X).flatten(0, 1), batch.Y.flatten()),
            parameters => optim.Adam(parameters, 5e-3),
            options with { Epochs = 5 });
        // The last tenth is for validation.
        long training = codes.shape[0] * 9 / 10;
        return trainer.Fit(_ => Excerpts(codes.narrow(0, 0, training), Batches), Excerpts(codes.narrow(0, training, codes.shape[0] - training), 5));
    }

    private static IEnumerable<(Tensor X, Tensor Y)> Excerpts(Tensor codes, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using Tensor starts = randint(codes.shape[0] - Letters - 1, Batch);
            Tensor[] excerpts = [.. starts.data<long>().ToArray().Select(start => codes.narrow(0, start, Letters + 1))];
            using Tensor batch = stack(excerpts);
            yield return (batch.narrow(1, 0, Letters).contiguous(), batch.narrow(1, 1, Letters).contiguous());
        }
    }

    private sealed class Network : Module<Tensor, Tensor>
    {
        private readonly Embedding _embedding;
        private readonly LSTM _lstm = LSTM(24, 96, batchFirst: true);
        private readonly Linear _head;

        public Network(int letters)
            : base("CharacterLstm")
        {
            _embedding = Embedding(letters, 24);
            _head = Linear(96, letters);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _head.call(_lstm.call(_embedding.call(input)).Item1);
    }
}
