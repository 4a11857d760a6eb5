using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradlint-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "training.ckpt");

    public static TheoryData<string> Optimizers => [.. Training.Optimizers.Keys];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void A_training_that_continues_from_a_checkpoint_reaches_the_same_bits_as_one_without_a_break(string optimizer)
    {
        foreach (int stepsBefore in (int[])[0, 1, 5])
        {
            using var unbroken = new Training(optimizer);
            unbroken.Train(stepsBefore);
            Assert.True(unbroken.Guard.TrySaveCheckpoint(Path, out _));
            unbroken.Train(5);

            using var resumed = new Training(optimizer, seed: 99);
            resumed.Train(2);
            resumed.Guard.LoadCheckpoint(Path);
            resumed.Train(5);

            Assert.Equal(unbroken.Bits, resumed.Bits);
            Assert.Equal(unbroken.Guard.Summary, resumed.Guard.Summary);
            Assert.Equal(unbroken.GuardState, resumed.GuardState);
        }
    }

    [Fact]
    public void The_learning_rate_is_part_of_a_checkpoint()
    {
        using var training = new Training("Adam");
        training.Optimizer.ParamGroups.Single().LearningRate = 0.123;
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        using var resumed = new Training("Adam");

        resumed.Guard.LoadCheckpoint(Path);

        Assert.Equal(0.123, resumed.Optimizer.ParamGroups.Single().LearningRate);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_refused_by_name_and_the_former_checkpoint_stays(double bad)
    {
        using var training = new Training("Adam");
        training.Train(3);
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        byte[] former = File.ReadAllBytes(Path);
        using (no_grad())
        {
            _ = training.Model.get_parameter("4.weight")!.fill_(bad);
        }

        Assert.False(training.Guard.TrySaveCheckpoint(Path, out string? refusal));

        Assert.Equal("Not finite: 4.weight.", refusal);
        Assert.Equal(former, File.ReadAllBytes(Path));
    }

    [Fact]
    public void Moments_that_are_not_finite_are_refused()
    {
        using var training = new Training("Adam");
        training.Train(3);
        _ = ((Adam)training.Optimizer).state_dict().State.Cast<Adam.State>().First().exp_avg_sq.fill_(float.PositiveInfinity);

        Assert.False(training.Guard.TrySaveCheckpoint(Path, out string? refusal));
        Assert.Equal("Not finite: the optimizer's state.", refusal);
    }

    [Fact]
    public void After_a_failed_step_nothing_is_saved_until_one_is_in_order()
    {
        using var training = new Training("Adam");
        training.Train(3);
        _ = training.Guard.Step(tensor(float.NaN));

        Assert.False(training.Guard.TrySaveCheckpoint(Path, out string? refusal));
        Assert.Equal("Step 4 was skipped, and none was in order since.", refusal);

        training.Train(1);
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
    }

    [Fact]
    public void A_checkpoint_that_was_cut_off_or_damaged_anywhere_is_refused_and_changes_nothing()
    {
        using var training = new Training("SGD with momentum");
        training.Train(2);
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        byte[] whole = File.ReadAllBytes(Path);
        training.Train(1);
        byte[][] before = training.Bits;

        for (int i = 0; i < whole.Length; i += 61)
        {
            File.WriteAllBytes(Path, whole[..i]);
            Assert.Throws<InvalidDataException>(() => training.Guard.LoadCheckpoint(Path));
            File.WriteAllBytes(Path, [.. whole[..i], (byte)~whole[i], .. whole[(i + 1)..]]);
            Assert.Throws<InvalidDataException>(() => training.Guard.LoadCheckpoint(Path));
        }

        Assert.Equal(before, training.Bits);
    }

    [Fact]
    public void An_unfinished_file_of_a_process_that_was_killed_is_in_nobodys_way()
    {
        using var training = new Training("SGD");
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        File.WriteAllBytes(Path + ".unfinished", new byte[1000]);

        training.Guard.LoadCheckpoint(Path);
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));

        Assert.Equal([Path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_the_former_one_as_it_was()
    {
        using var training = new Training("SGD");
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        byte[] former = File.ReadAllBytes(Path);
        _ = Directory.CreateDirectory(Path + ".unfinished");

        _ = Assert.ThrowsAny<Exception>(() => training.Guard.TrySaveCheckpoint(Path, out _));

        Assert.Equal(former, File.ReadAllBytes(Path));
    }

    [Fact]
    public void A_checkpoint_that_another_writer_is_at_is_left_to_it()
    {
        using var training = new Training("SGD");
        using (File.Open(Path + ".unfinished", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            _ = Assert.Throws<IOException>(() => training.Guard.TrySaveCheckpoint(Path, out _));

            Assert.True(File.Exists(Path + ".unfinished"));
        }

        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
    }

    [Fact]
    public void A_checkpoint_of_an_optimizer_with_the_parameters_in_another_order_is_refused_and_changes_nothing()
    {
        using var training = new Training("Adam");
        training.Train(2);
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        training.Train(1);
        byte[][] before = training.Bits;
        using Adam reversed = optim.Adam([.. training.Model.parameters().Reverse()]);
        using var guard = GradientGuard.For(training.Model, reversed);

        Assert.Equal(
            "The checkpoint's optimizer steps 0.weight where this one steps 4.bias: create it with the parameters in the same order.", Refusal(guard));
        Assert.Equal(before, training.Bits);
    }

    [Fact]
    public void A_checkpoint_of_another_model_optimizer_or_guard_is_refused_and_changes_nothing()
    {
        using var training = new Training("Adam");
        training.Train(2);
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        byte[][] before = training.Bits;

        using var otherOptimizer = new Training("SGD");
        byte[][] ofOther = otherOptimizer.Bits;
        Assert.Equal("The checkpoint is of a training with Adam, not SGD.", Refusal(otherOptimizer.Guard));
        Assert.Equal(ofOther, otherOptimizer.Bits);

        using Linear otherModel = nn.Linear(5, 6);
        using Adam optimizer = optim.Adam(otherModel.parameters());
        using var guard = GradientGuard.For(otherModel, optimizer);
        Assert.StartsWith("The checkpoint is of a model with 9 parameters and buffers; this one has 2.", Refusal(guard));

        using var otherOptions = GradientGuard.For(training.Model, training.Optimizer, new() { Clipping = null });
        training.Train(1);
        before = training.Bits;
        Assert.Contains("attach this one with the same options", Refusal(otherOptions));
        Assert.Equal(before, training.Bits);
    }

    [Fact]
    public void A_snapshot_from_before_a_checkpoint_was_loaded_is_not_restored()
    {
        using var training = new Training("SGD", recovery: new() { Failures = 1, Window = 1 });
        Assert.True(training.Guard.TrySaveCheckpoint(Path, out _));
        training.Train(3);
        training.Guard.LoadCheckpoint(Path);

        Assert.Equal(StepOutcome.Stopped, training.Guard.Step(tensor(float.NaN)).Outcome);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Refusal(GradientGuard guard) => Assert.Throws<InvalidDataException>(() => guard.LoadCheckpoint(Path)).Message;
}
