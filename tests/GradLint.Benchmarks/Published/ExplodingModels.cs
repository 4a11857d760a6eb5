using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Benchmarks;

/// <summary>
/// Models of the kind that AutoTrainer (Zhang, Zhai, Ma and Shen, "AUTOTRAINER: An automatic DNN training problem detection and repair
/// system", 2021) repairs from exploding gradients: stacks of dense layers of five units on Circle and Blob, whose weights are drawn too
/// large. Nothing in the model is changed here: only the step is protected.
/// </summary>
internal static class ExplodingModels
{
    public const string Name = "exploding";

    private const int Seeds = 5;
    private const int Training = 700;
    private const int Batch = 32;
    private const int Epochs = 200;
    private const int Units = 5;
    private const double Success = 0.8;

    /// <summary>Weights are uniform between minus this and this: each layer makes the gradient more than twice as large.</summary>
    private const double Range = 2.5;

    private static readonly int[] s_depths = [6, 8, 10, 12, 15];
    private static readonly (string Name, Func<nn.Module<Tensor, Tensor>> Create)[] s_activations =
        [("ReLU", () => nn.ReLU()), ("LeakyReLU", () => nn.LeakyReLU(0.3))];

    public static int Run()
    {
        int models = s_depths.Length * s_activations.Length;
        Console.WriteLine($"{models} exploding models, {Seeds} seeds each, {Epochs} epochs of SGD at 0.01. Success: test accuracy above {Success:P0}.");
        Console.WriteLine("data    protection              success   models that succeed with most seeds   mean accuracy   ended as NaN");
        foreach (PointCloud data in (PointCloud[])[PointCloud.Circle(), PointCloud.Blob()])
        {
            foreach (Protection protection in Stepping.All)
            {
                double[][] accuracies =
                [
                    .. from depth in s_depths
                       from activation in s_activations
                       select Enumerable.Range(1, Seeds).Select(seed => Accuracy(data, depth, activation.Create, protection, seed)).ToArray(),
                ];
                double[] all = [.. accuracies.SelectMany(accuracy => accuracy)];
                Console.WriteLine(
                    $"{data.Name,-7} {Stepping.NameOf(protection),-22} {all.Count(a => a > Success),3} / {all.Length} "
                    + $"{accuracies.Count(model => model.Count(a => a > Success) > Seeds / 2),20} / {models} "
                    + $"{all.Average(a => double.IsNaN(a) ? 1.0 / data.Classes : a),27:P1} {all.Count(double.IsNaN),14}");
            }
        }

        return 0;
    }

    /// <summary>On the 300 points that are not trained on; NaN if the weights are not finite in the end.</summary>
    private static double Accuracy(PointCloud data, int depth, Func<nn.Module<Tensor, Tensor>> activation, Protection protection, int seed)
    {
        _ = manual_seed(seed);
        using DisposeScope outer = NewDisposeScope();
        using Sequential model = Model(depth, activation, data.Classes);
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.01);
        using var stepping = new Stepping(protection, model, optimizer);
        Tensor x = tensor(data.Points.SelectMany(point => point).Select(c => (float)c).ToArray(), [data.Points.Length, 2]);
        Tensor y = tensor(data.Labels.Select(label => (long)label).ToArray());
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor order = randperm(Training);
            for (int start = 0; start < Training; start += Batch)
            {
                using DisposeScope inner = NewDisposeScope();
                Tensor batch = order.narrow(0, start, Math.Min(Batch, Training - start));
                optimizer.zero_grad();
                Tensor loss = nn.functional.cross_entropy(model.call(x[batch]), y[batch]);
                loss.backward();
                if (!stepping.Step(loss))
                {
                    return TestAccuracy(model, x, y);
                }
            }

            if (!model.parameters().All(parameter => parameter.isfinite().all().item<bool>()))
            {
                return double.NaN;
            }
        }

        return TestAccuracy(model, x, y);
    }

    private static double TestAccuracy(Sequential model, Tensor x, Tensor y)
    {
        using IDisposable noGradient = no_grad();
        int count = (int)y.numel() - Training;
        Tensor right = model.call(x.narrow(0, Training, count)).argmax(1) == y.narrow(0, Training, count);
        return right.to(ScalarType.Float64).mean().item<double>();
    }

    private static Sequential Model(int depth, Func<nn.Module<Tensor, Tensor>> activation, int classes)
    {
        var layers = new List<nn.Module<Tensor, Tensor>>();
        for (int i = 0; i < depth; i++)
        {
            layers.Add(Dense(i == 0 ? 2 : Units, Units));
            layers.Add(activation());
        }

        layers.Add(Dense(Units, classes));
        return nn.Sequential(layers);
    }

    private static Linear Dense(long inputs, long outputs)
    {
        Linear layer = nn.Linear(inputs, outputs);
        _ = nn.init.uniform_(layer.weight, -Range, Range);
        _ = nn.init.zeros_(layer.bias!);
        return layer;
    }
}
