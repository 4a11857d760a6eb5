using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public class SnapshotTests
{
    public static TheoryData<string> Optimizers => [.. s_optimizers.Keys];

    private static readonly Dictionary<string, Func<nn.Module, optim.Optimizer>> s_optimizers = new()
    {
        ["SGD"] = model => optim.SGD(model.parameters(), 0.01),
        ["SGD with momentum"] = model => optim.SGD(model.parameters(), 0.01, momentum: 0.9),
        ["Adam"] = model => optim.Adam(model.parameters(), 0.01),
        ["Adam with amsgrad"] = model => optim.Adam(model.parameters(), 0.01, amsgrad: true),
        ["AdamW"] = model => optim.AdamW(model.parameters(), 0.01, weight_decay: 0.1),
        ["RMSprop"] = model => optim.RMSProp(model.parameters(), 0.01, momentum: 0.9, centered: true),
        ["Adagrad"] = model => optim.Adagrad(model.parameters(), 0.01),
        ["Adadelta"] = model => optim.Adadelta(model.parameters(), 0.01),
        ["Adamax"] = model => optim.Adamax(model.parameters(), 0.01),
        ["NAdam"] = model => optim.NAdam(model.parameters(), 0.01),
        ["RAdam"] = model => optim.RAdam(model.parameters(), 0.01),
        ["ASGD"] = model => optim.ASGD(model.parameters(), 0.01),
        ["Rprop"] = model => optim.Rprop(model.parameters(), 0.01),
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Training_goes_on_from_a_snapshot_as_it_did_after_it_was_taken_to_the_bit(string optimizerName)
    {
        foreach (int stepsBefore in (int[])[0, 3])
        {
            manual_seed(6);
            using Sequential model = NoisyModel();
            using optim.Optimizer optimizer = s_optimizers[optimizerName](model);
            using var snapshot = new Snapshot([.. model.parameters()], model, optimizer, new NoState());
            Train(model, optimizer, stepsBefore);

            snapshot.Take(1);
            Train(model, optimizer, 4);
            byte[][] first = [.. model.state_dict().Values.Select(tensor => tensor.Bits())];
            snapshot.Restore(factor: 1);
            Train(model, optimizer, 4);

            Assert.Equal(first, model.state_dict().Values.Select(tensor => tensor.Bits()));
        }
    }

    [Fact]
    public void A_snapshot_can_be_restored_again_and_taken_again()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var snapshot = new Snapshot([model[0]], model, optimizer, new NoState());
        foreach (double value in (double[])[1, 2])
        {
            Fill(model, value);
            snapshot.Take(1);
            for (int i = 0; i < 2; i++)
            {
                Fill(model, double.NaN);
                snapshot.Restore(factor: 1);
                Assert.Equal([value, value, value, value], model.Values(0));
            }
        }
    }

    [Fact]
    public void The_learning_rate_becomes_a_share_of_the_lower_of_then_and_now()
    {
        using Weights model = Weights.OfZeros(2);
        using SGD optimizer = optim.SGD([new SGD.ParamGroup([model[0]], lr: 0.1), new SGD.ParamGroup([model[1]], lr: 0.01)], 1);
        using var snapshot = new Snapshot([model[0], model[1]], model, optimizer, new NoState());
        snapshot.Take(1);
        optim.ILearningRateController[] groups = [.. optimizer.ParamGroups];
        (groups[0].LearningRate, groups[1].LearningRate) = (100, 0.004);

        snapshot.Restore(factor: 0.5);

        Assert.Equal([0.05, 0.002], groups.Select(group => group.LearningRate));
    }

    [Fact]
    public void A_snapshot_outlives_the_scope_of_the_training_loop()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var snapshot = new Snapshot([model[0]], model, optimizer, new NoState());
        using (NewDisposeScope())
        {
            snapshot.Take(1);
        }

        Fill(model, double.NaN);
        snapshot.Restore(factor: 1);

        Assert.Equal([0, 0, 0, 0], model.Values(0));
    }

    /// <summary>With random numbers in the forward pass, and buffers that change in it.</summary>
    private static Sequential NoisyModel() =>
        nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.3), nn.Linear(6, 1));

    private static void Train(Sequential model, optim.Optimizer optimizer, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            optimizer.zero_grad();
            model.call(randn(8, 5)).square().mean().backward();
            _ = optimizer.step();
        }
    }

    private static void Fill(Weights model, double value)
    {
        using IDisposable noGradient = no_grad();
        _ = model[0].fill_(value);
    }

    private sealed class NoState : IGuardState
    {
        public void Save(BinaryWriter writer)
        {
        }

        public void Load(BinaryReader reader)
        {
        }
    }
}
