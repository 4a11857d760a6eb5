using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Quickstart;

/// <summary>Images, one a row with pixels from 0 to 1, and their classes.</summary>
internal sealed record LabelledImages(Tensor Images, Tensor Labels) : IDisposable
{
    public int Count => (int)Labels.numel();

    public int BatchesPerEpoch(int batchSize) => (Count + batchSize - 1) / batchSize;

    /// <summary>All batches of all epochs, shuffled anew in each: the same order for the same seed, whoever asks.</summary>
    public IEnumerable<(Tensor Images, Tensor Labels)> Batches(int batchSize, int epochs, int seed)
    {
        var random = new Random(seed);
        long[] order = [.. Enumerable.Range(0, Count).Select(i => (long)i)];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (long[] chosen in order.Chunk(batchSize))
            {
                using Tensor rows = tensor(chosen, device: Images.device);
                using Tensor images = Images.index_select(0, rows);
                using Tensor labels = Labels.index_select(0, rows);
                yield return (images, labels);
            }
        }
    }

    /// <summary>The share of images that the model puts into their class.</summary>
    public double Accuracy(Module<Tensor, Tensor> model)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        return model.call(Images).argmax(1).eq(Labels).to(float64).mean().item<double>();
    }

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
