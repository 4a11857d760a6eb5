using GradLint;
using Quickstart;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace GuardedTraining;

/// <summary>Every mitigation on a deep classifier whose weights are drawn too large, three seeds each, in processes of their own.</summary>
internal static class FashionStudy
{
    public static void Run(string results, string picture)
    {
        using var data = FashionMnist.Load(FashionMnist.ShippedFolder, CPU);
        var study = new MitigationStudy(
            CreateModel,
            (size, epoch) => data.Training.Batches(size, 1, epoch),
            (output, labels) => functional.cross_entropy(output, labels),
            new() { Seeds = 3, Epochs = 2, Optimizer = parameters => optim.SGD(parameters, 0.05) });
        MitigationTable table = study.Run(results);
        Console.WriteLine(table);
        File.WriteAllText(picture, table.ToSvg());
    }

    private static Module<Tensor, Tensor> CreateModel()
    {
        var layers = new List<Module<Tensor, Tensor>>();
        for (int i = 0; i < 8; i++)
        {
            var layer = Linear(i == 0 ? 28 * 28 : 100, 100);
            _ = init.normal_(layer.weight!, 0, 0.2);
            layers.AddRange([layer, ReLU()]);
        }

        layers.Add(Linear(100, 10));
        return Sequential(layers);
    }
}
