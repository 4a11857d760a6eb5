using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public class SnapshotTests
{
    public static TheoryData<string> Optimizers => [.. Training.Optimizers.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Training_goes_on_from_a_snapshot_as_it_did_after_it_was_taken_to_the_bit(string optimizer)
    {
        foreach (int stepsBefore in (int[])[0, 3])
        {
            using var training = new Training(optimizer);
            training.Train(stepsBefore);
            using var snapshot = new Snapshot([.. training.Model.parameters()], training.Model, training.Optimizer, new NoState());

            snapshot.Take(1, largestWeight: 1);
            training.Train(4);
            byte[][] first = training.Bits;
            snapshot.Restore(factor: 1);
            training.Train(4);

            Assert.Equal(first, training.Bits);
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
            snapshot.Take(1, largestWeight: 1);
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
        snapshot.Take(1, largestWeight: 1);
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
            snapshot.Take(1, largestWeight: 1);
        }

        Fill(model, double.NaN);
        snapshot.Restore(factor: 1);

        Assert.Equal([0, 0, 0, 0], model.Values(0));
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
