using GradLint;
using TorchSharp;

namespace Quickstart.Tests;

public sealed class ExperimentTests : IDisposable
{
    private readonly FashionMnist _data = FashionMnist.Load(FashionMnist.ShippedFolder, torch.CPU);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_bare_network_explodes_and_is_called_off(int seed)
    {
        RunResult bare = RunBare(seed, epochs: 1);

        Assert.Contains(bare.Steps.Take(10), step => !step.IsFinite);
        Assert.InRange(bare.Steps.Count, 50, 60);
        Assert.False(double.IsFinite(bare.FinalLoss));
        Assert.Equal(new StepCounts(bare.Steps.Count, 0, 0), bare.Counts);
    }

    [Fact]
    public void The_guarded_network_trains_from_the_same_first_step()
    {
        RunResult bare = RunBare(seed: 0, epochs: 1);
        RunResult guarded = RunGuarded(seed: 0, epochs: 2);

        Assert.Equal(bare.Steps[0].Loss, guarded.Steps[0].Loss);
        Assert.Equal(bare.Steps[0].GradientNorm, guarded.Steps[0].GradientNorm, tolerance: 1e-3 * bare.Steps[0].GradientNorm);
        Assert.All(guarded.Steps, step => Assert.True(step.IsFinite));
        Assert.Equal(160, guarded.Counts.Applied);
        Assert.InRange(guarded.Counts.Clipped, 100, 160);
        Assert.InRange(guarded.Accuracy, 0.5, 0.9);
        Assert.True(guarded.FinalLoss < guarded.Steps[0].Loss / 100);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_one_another()
    {
        RunResult first = RunGuarded(seed: 3, epochs: 1);

        Assert.Equal(first.Steps, RunGuarded(seed: 3, epochs: 1).Steps);
        Assert.NotEqual(first.Steps, RunGuarded(seed: 4, epochs: 1).Steps);
    }

    [Fact]
    public async Task The_repaired_network_trains_best()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        TrainingSource source = TrainingSource.RiskyNet;
        var diagnostics = await source.LintAsync(RuleSet.GradLint, cancellation);
        TrainingSource repairedSource = await source.RepairAsync(diagnostics, RuleSet.GradLint, cancellation);
        TrainingLoop repaired = await repairedSource.CompileAsync(cancellation);

        RunResult guarded = RunGuarded(seed: 0, epochs: 4);
        RunResult trained = Experiment(seed: 0, epochs: 4)
            .Run("fixed", (batches, device, recorder) => repaired(batches, device, recorder.Observe));

        Assert.All(trained.Steps, step => Assert.True(step.Loss < 10));
        Assert.True(trained.Counts.Clipped > 100, "the clipping that was added is seen");
        Assert.True(trained.Accuracy > guarded.Accuracy, $"{trained.Accuracy} > {guarded.Accuracy}");
    }

    [Fact]
    public void Observing_a_run_does_not_change_it()
    {
        using torch.Tensor observed = TrainedOutput(new StepRecorder((_, _) => { }, CancellationToken.None).Observe);
        using torch.Tensor unobserved = TrainedOutput((_, _) => { });

        Assert.True(observed.allclose(unobserved, rtol: 0, atol: 0));

        torch.Tensor TrainedOutput(Action<torch.nn.Module, torch.Tensor> observe)
        {
            torch.manual_seed(5);
            using RiskyNet model = RiskyNet.Train(_data.Training.Batches(50, epochs: 1, seed: 5).Take(1), torch.CPU, observe);
            using var noGradients = torch.no_grad();
            return model.call(_data.Test.Images);
        }
    }

    [Fact]
    public void A_cancelled_run_stops_at_the_next_batch()
    {
        using var cancellation = new CancellationTokenSource();
        int steps = 0;
        var display = new EachStep(() =>
        {
            if (++steps == 3)
            {
                cancellation.Cancel();
            }
        });
        var experiment = new Experiment(_data, SettingsFor(seed: 0, epochs: 1), display, cancellation.Token);

        Assert.Throws<OperationCanceledException>(
            () => experiment.Run("guarded", (batches, device, recorder) => GuardedTraining.Train(batches, device, recorder.Observe)));
        Assert.Equal(3, steps);
    }

    [Fact]
    public void A_skipped_step_counts_as_not_applied() =>
        Assert.Equal(
            new StepCounts(Applied: 2, Clipped: 1, Skipped: 1),
            default(StepCounts).With(StepOutcome.Applied).With(StepOutcome.Clipped).With(StepOutcome.Skipped));

    public void Dispose() => _data.Dispose();

    private RunResult RunBare(int seed, int epochs) =>
        Experiment(seed, epochs).Run("bare", (batches, device, recorder) => RiskyNet.Train(batches, device, recorder.Observe));

    private RunResult RunGuarded(int seed, int epochs) =>
        Experiment(seed, epochs).Run("guarded", (batches, device, recorder) => GuardedTraining.Train(batches, device, recorder.Observe));

    private Experiment Experiment(int seed, int epochs) => new(_data, SettingsFor(seed, epochs), new EachStep(() => { }), CancellationToken.None);

    private static Settings SettingsFor(int seed, int epochs) => new(FashionMnist.ShippedFolder, "cpu", seed, epochs, "");

    private sealed class EachStep(Action onStep) : IProgressDisplay
    {
        public RunResult Follow(string run, int stepCount, Func<Action<StepRecord, StepCounts>, RunResult> train) => train((_, _) => onStep());
    }
}
