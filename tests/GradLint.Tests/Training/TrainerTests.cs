using Microsoft.Extensions.Logging;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public sealed class TrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gradlint-trainer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_training_lowers_the_loss_and_tells_of_each_epoch_and_step()
    {
        using Problem problem = Problem.Create();
        var trainer = problem.Trainer(new() { Epochs = 8, Seed = 1 });
        var (epochs, steps) = (new List<EpochResult>(), new List<StepVerdict>());
        trainer.EpochCompleted += (_, epoch) => epochs.Add(epoch);
        trainer.StepCompleted += (_, verdict) => steps.Add(verdict);

        TrainingResult result = trainer.Train(problem.Batches, problem.Batches);

        Assert.Equal((TrainingEnding.Completed, 8, 32L), (result.Ending, result.Epochs.Count, result.Guard.Steps));
        Assert.Equal(result.Epochs, epochs);
        Assert.Equal(Enumerable.Range(1, 32).Select(step => (long)step), steps.Select(step => step.Step));
        Assert.Equal([4, 8], result.Epochs.Take(2).Select(epoch => epoch.Step));
        Assert.True(result.Epochs[^1].ValidationLoss < 0.5 * result.Epochs[0].ValidationLoss);
        Assert.Equal(steps.Take(4).Average(step => step.Loss!.Value), epochs[0].Loss, 1e-9);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        double[] Train(long seed)
        {
            using Problem problem = Problem.Create(dropout: 0.5);
            _ = problem.Trainer(new() { Epochs = 2, Seed = seed }).Train(problem.Batches);
            return problem.Weights();
        }

        Assert.Equal(Train(1), Train(1));
        Assert.NotEqual(Train(1), Train(2));
    }

    [Fact]
    public void Accumulated_batches_give_the_step_of_one_large_batch()
    {
        double[] Train(int accumulation, Func<Problem, IEnumerable<(Tensor, Tensor)>> batches)
        {
            using Problem problem = Problem.Create();
            TrainingResult result = problem.Trainer(new() { Epochs = 1, Accumulation = accumulation }).Train(batches(problem));
            Assert.Equal(1, result.Guard.Steps);
            return problem.Weights();
        }

        double[] whole = Train(1, problem => [(problem.X, problem.Y)]);
        double[] parts = Train(4, problem => problem.Batches);
        double[] incomplete = Train(6, problem => problem.Batches);

        Assert.All(whole.Zip(parts), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.All(whole.Zip(incomplete), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Weight_decay_takes_its_share_of_the_weights_and_leaves_the_biases()
    {
        double[] Train(double decay)
        {
            using Problem problem = Problem.Create();
            _ = problem.Trainer(new() { Epochs = 1, WeightDecay = decay }, rate: 0.1).Train([(problem.X, problem.Y)]);
            return [.. problem.First.weight!.Doubles(), .. problem.First.bias!.Doubles()];
        }

        double[] without = Train(0);
        double[] with = Train(2);

        int weights = without.Length - Problem.Hidden;
        Assert.All(without[..weights].Zip(with), pair => Assert.Equal(0.8 * pair.First, pair.Second, 1e-6));
        Assert.Equal(without[weights..], with[weights..]);
    }

    [Fact]
    public void Weight_decay_takes_the_rate_of_each_group_and_leaves_what_is_frozen()
    {
        using Problem problem = Problem.Create();
        double[] Ratios(Func<IEnumerable<Parameter>, optim.Optimizer> optimizer)
        {
            double[] before = [.. problem.Model.parameters().Select(parameter => parameter.norm().ToDouble())];
            var trainer = new Trainer<Tensor>(
                problem.Model, x => problem.Model.call(x).sum() * 0, optimizer, new() { Epochs = 1, WeightDecay = 2 });
            _ = trainer.Train([problem.X]);
            return [.. problem.Model.parameters().Zip(before, (parameter, norm) => parameter.norm().ToDouble() / norm)];
        }

        optim.Optimizer Groups(IEnumerable<Parameter> parameters) => optim.SGD(
            [
                new SGD.ParamGroup(parameters.Take(2)) { Options = new() { LearningRate = 0.1 } },
                new SGD.ParamGroup(parameters.Skip(2)) { Options = new() { LearningRate = 0.01 } },
            ],
            0.1);

        Assert.Equal([0.8, 1, 0.98, 1], Ratios(Groups).Select(ratio => Math.Round(ratio, 5)));
        problem.First.weight!.requires_grad = false;
        Assert.Equal([1, 1, 0.98, 1], Ratios(Groups).Select(ratio => Math.Round(ratio, 5)));
    }

    [Fact]
    public void An_output_layer_that_is_tied_to_an_embedding_is_stepped_and_decays_once()
    {
        // One batch where a step has two: the step's gradient is scaled.
        using Embedding embedding = nn.Embedding(4, 3);
        using Linear output = nn.Linear(3, 4, hasBias: false);
        output.weight = embedding.weight!;
        using Sequential model = nn.Sequential(("embedding", embedding), ("output", output));
        using Tensor batch = arange(4);
        using Tensor before = embedding.weight!.detach().clone();
        Tensor Loss() => nn.functional.cross_entropy(model.call(batch), batch);
        Loss().backward();
        double[] expected = (0.8 * (before - (0.1 * embedding.weight!.grad!))).Doubles();
        model.zero_grad();

        var trainer = new Trainer<int>(
            model, _ => Loss(), parameters => optim.SGD(parameters, 0.1),
            new() { Epochs = 1, Accumulation = 2, WeightDecay = 2, Guard = new() { Clipping = null } });
        _ = trainer.Train([0]);

        Assert.All(expected.Zip(embedding.weight!.Doubles()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void A_gradient_penalty_lowers_the_gradient_norms_of_the_batches()
    {
        // Noise in the targets: without it all gradients vanish at the end, penalty or not.
        double NormAtTheEnd(double penalty)
        {
            using Problem problem = Problem.Create();
            (Tensor X, Tensor Y)[] noisy = [.. problem.Batches.Select(batch => (batch.X, batch.Y + randn(8, 1)))];
            _ = problem.Trainer(new() { Epochs = 100, GradientPenalty = penalty }, rate: 0.05).Train(noisy);
            return noisy.Average(batch =>
            {
                problem.Model.zero_grad();
                problem.Loss(batch.X, batch.Y).backward();
                return Math.Sqrt(problem.Model.parameters().Sum(parameter => parameter.grad!.Doubles().Sum(x => x * x)));
            });
        }

        double[] norms = [.. ((double[])[0, 0.3, 3]).Select(NormAtTheEnd)];

        Assert.True(norms[1] < 0.9 * norms[0] && norms[2] < 0.9 * norms[1], string.Join(", ", norms));
    }

    [Fact]
    public void Early_stopping_ends_the_training_and_brings_back_the_best_weights()
    {
        using Problem problem = Problem.Create();
        double[] best = [];
        var trainer = problem.Trainer(new() { Epochs = 50, EarlyStopping = new() { Patience = 3 } });
        // A validation that gets worse after the second epoch.
        trainer.EpochCompleted += (_, epoch) => best = epoch.Epoch == 2 ? problem.Weights() : best;
        int validations = 0;
        IEnumerable<(Tensor, Tensor)> Validation()
        {
            validations++;
            yield return (problem.X, problem.Y + (validations <= 2 ? 0 : 10 * validations));
        }

        TrainingResult result = trainer.Train(problem.Batches, new Repeated(Validation));

        Assert.Equal((TrainingEnding.StoppedEarly, 5, 2), (result.Ending, result.Epochs.Count, result.Best!.Epoch));
        Assert.Equal(best, problem.Weights());
    }

    [Fact]
    public void A_loss_that_is_NaN_is_no_improvement()
    {
        using Problem problem = Problem.Create();
        var trainer = problem.Trainer(new() { Epochs = 10, EarlyStopping = new() { Patience = 2 } });

        TrainingResult result = trainer.Train(problem.Batches, [(problem.X, problem.Y * float.NaN)]);

        Assert.Equal((TrainingEnding.StoppedEarly, 2, null), (result.Ending, result.Epochs.Count, result.Best));
    }

    [Fact]
    public void The_log_of_a_training_without_any_finite_loss_says_so()
    {
        using Problem problem = Problem.Create();
        string log = Path.Combine(_folder, "run.jsonl");

        _ = problem.Trainer(new() { Log = log, EarlyStopping = new() { Patience = 2 } }).Train(problem.Batches, [(problem.X, problem.Y * float.NaN)]);

        Assert.Equal("stopped early after epoch 2; no loss was finite", RunHistory.Read(log).Ending!.Ending);
    }

    [Fact]
    public void An_epoch_without_batches_is_an_error_that_says_what_may_be_the_cause()
    {
        using Problem problem = Problem.Create();
        using IEnumerator<(Tensor, Tensor)> reader = problem.Batches.GetEnumerator();
        IEnumerable<(Tensor, Tensor)> Once()
        {
            while (reader.MoveNext())
            {
                yield return reader.Current;
            }
        }

        string training = Assert.Throws<ArgumentException>(() => problem.Trainer(new()).Train(new Repeated(Once))).Message;
        string validation = Assert.Throws<ArgumentException>(() => problem.Trainer(new()).Train(problem.Batches, [])).Message;

        Assert.StartsWith("There are no training batches in epoch 2. What can be gone through only once", training);
        Assert.StartsWith("There are no validation batches.", validation);
    }

    [Fact]
    public void A_training_that_cannot_be_started_lets_go_of_its_log()
    {
        using Problem problem = Problem.Create();
        string log = Path.Combine(_folder, "run.jsonl");
        File.WriteAllText(Path.Combine(_folder, "file"), "");

        _ = Assert.ThrowsAny<IOException>(
            () => problem.Trainer(new() { Log = log, TensorBoard = Path.Combine(_folder, "file", "board") }).Train(problem.Batches));

        using FileStream free = File.Open(log, FileMode.Open, FileAccess.Write, FileShare.None);
        Assert.True(free.Length > 0);
    }

    [Fact]
    public void A_checkpoints_folder_is_made_or_the_training_does_not_start()
    {
        using Problem problem = Problem.Create();
        double[] weights = problem.Weights();
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        _ = Assert.ThrowsAny<IOException>(
            () => problem.Trainer(new() { Checkpoint = Path.Combine(_folder, "file", "checkpoint") }).Train(problem.Batches));
        Assert.Equal(weights, problem.Weights());

        string made = Path.Combine(_folder, "runs", "1", "checkpoint");
        _ = problem.Trainer(new() { Epochs = 1, Checkpoint = made }).Train(problem.Batches);
        Assert.True(File.Exists(made));
    }

    [Fact]
    public void A_logger_is_warned_of_a_checkpoint_that_was_not_written()
    {
        using Problem problem = Problem.Create();
        var logger = new Notes(LogLevel.Warning);
        string checkpoint = Path.Combine(_folder, "checkpoint");

        _ = problem.Trainer(new() { Epochs = 1, Checkpoint = checkpoint, Logger = logger })
            .Train([.. problem.Batches, (problem.X, problem.Y * float.NaN)]);

        Assert.False(File.Exists(checkpoint));
        Assert.Equal(
            "Warning: Epoch 1: no checkpoint was written, the former one stays. Step 5 was skipped, and none was in order since.", logger.Lines[^1]);
    }

    [Fact]
    public void Chained_schedulers_are_stepped_after_each_epoch()
    {
        using Problem problem = Problem.Create();
        var rates = new List<double>();
        optim.Optimizer? made = null;
        optim.lr_scheduler.LRScheduler Chain(optim.Optimizer optimizer)
        {
            made = optimizer;
            return optim.lr_scheduler.ChainedLR([optim.lr_scheduler.ExponentialLR(optimizer, 0.5), optim.lr_scheduler.ExponentialLR(optimizer, 0.2)]);
        }

        var trainer = problem.Trainer(new() { Epochs = 2, Scheduler = Chain }, rate: 1);
        trainer.EpochCompleted += (_, _) => rates.Add(Math.Round(made!.ParamGroups.First().LearningRate, 9));
        _ = trainer.Train(problem.Batches);

        Assert.Equal([0.1, 0.01], rates);
    }

    [Fact]
    public void A_scheduler_is_stepped_after_each_epoch()
    {
        using Problem problem = Problem.Create();
        string log = Path.Combine(_folder, "run.jsonl");
        _ = problem.Trainer(new() { Epochs = 3, Log = log, Scheduler = optimizer => optim.lr_scheduler.StepLR(optimizer, 1, 0.1) }, rate: 0.1)
            .Train(problem.Batches);

        RunStep[] steps = [.. RunHistory.Read(log).Steps];

        Assert.Equal([0.1, 0.01, 0.001], ((RunStep[])[steps[0], steps[4], steps[8]]).Select(step => Math.Round(step.Rate, 9)));
    }

    [Fact]
    public void A_training_that_was_broken_off_goes_on_to_the_same_bits()
    {
        TrainerOptions Options(int epochs) => new()
        {
            Epochs = epochs,
            Seed = 3,
            Checkpoint = Path.Combine(_folder, $"training{epochs}"),
            Resume = true,
            EarlyStopping = new() { Patience = 100 },
            Scheduler = optimizer => optim.lr_scheduler.StepLR(optimizer, 2, 0.5),
        };
        using Problem whole = Problem.Create(dropout: 0.3);
        TrainingResult expected = whole.Trainer(Options(6)).Train(whole.Batches, whole.Batches);

        using Problem broken = Problem.Create(dropout: 0.3);
        using var cancellation = new CancellationTokenSource();
        var first = broken.Trainer(Options(6) with { Checkpoint = Path.Combine(_folder, "broken") });
        first.StepCompleted += (_, verdict) =>
        {
            if (verdict.Step == 14)
            {
                cancellation.Cancel();
            }
        };
        _ = Assert.Throws<OperationCanceledException>(() => first.Fit(broken.Batches, broken.Batches, cancellation.Token));

        using Problem resumed = Problem.Create(dropout: 0.3);
        TrainingResult result = resumed.Trainer(Options(6) with { Checkpoint = Path.Combine(_folder, "broken") }).Train(resumed.Batches, resumed.Batches);

        Assert.Equal(expected.Epochs, result.Epochs);
        Assert.Equal(whole.Weights(), resumed.Weights());
    }

    [Fact]
    public void The_log_of_a_cancelled_training_says_so_and_a_resumed_one_goes_on_with_it()
    {
        string log = Path.Combine(_folder, "run.jsonl");
        var options = new TrainerOptions { Epochs = 3, Log = log, Checkpoint = Path.Combine(_folder, "checkpoint"), Resume = true };
        using Problem problem = Problem.Create();
        using var cancellation = new CancellationTokenSource();
        var trainer = problem.Trainer(options);
        trainer.StepCompleted += (_, verdict) =>
        {
            if (verdict.Step == 6)
            {
                cancellation.Cancel();
            }
        };

        _ = Assert.Throws<OperationCanceledException>(() => trainer.Fit(problem.Batches, cancellationToken: cancellation.Token));
        Assert.Equal(("cancelled", 6), (RunHistory.Read(log).Ending!.Ending, RunHistory.Read(log).Steps.Count));

        using Problem resumed = Problem.Create();
        _ = resumed.Trainer(options).Train(resumed.Batches);
        RunHistory run = RunHistory.Read(log);

        Assert.Equal("completed", run.Ending!.Ending);
        Assert.Equal(Enumerable.Range(1, 12).Select(step => (long)step), run.Steps.Select(step => step.Step));
        Assert.Equal([1, 2, 3], run.Epochs.Select(epoch => epoch.Epoch));
    }

    [Fact]
    public void The_log_has_predicted_and_measured_flow_and_writing_it_changes_nothing()
    {
        string log = Path.Combine(_folder, "run.jsonl");
        double[] Train(string? path)
        {
            using Problem problem = Problem.Create(dropout: 0.5);
            _ = problem.Trainer(new() { Epochs = 1, Seed = 1, Log = path }).Train(problem.Batches);
            return problem.Weights();
        }

        Assert.Equal(Train(null), Train(log));

        RunFlow flow = RunHistory.Read(log).Flow!;
        Assert.Equal(["0", "3"], flow.Layers.Select(layer => layer.Name));
        Assert.All(flow.Layers, layer => Assert.True(double.IsFinite(layer.Predicted) && double.IsFinite(layer.Measured)));
    }

    [Fact]
    public void A_training_that_the_guard_stops_ends_with_its_report()
    {
        using Problem problem = Problem.Create();

        TrainingResult result = problem.Trainer(new() { Epochs = 1000 }).Train([(problem.X * float.NaN, problem.Y)]);

        Assert.Equal(TrainingEnding.StoppedByGuard, result.Ending);
        Assert.Contains("stopped after", result.Report, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_checked_as_a_whole()
    {
        using Problem problem = Problem.Create();

        string message = Assert.Throws<ArgumentException>(
            () => problem.Trainer(new() { Epochs = 0, WeightDecay = double.NaN, Resume = true, EarlyStopping = new() { Patience = 0 } })).Message;

        Assert.Contains("Epochs is 0", message, StringComparison.Ordinal);
        Assert.Contains("WeightDecay is NaN", message, StringComparison.Ordinal);
        Assert.Contains("Patience is 0", message, StringComparison.Ordinal);
        Assert.Contains("Resume needs Checkpoint", message, StringComparison.Ordinal);
    }

    private sealed class Repeated(Func<IEnumerable<(Tensor, Tensor)>> make) : IEnumerable<(Tensor X, Tensor Y)>
    {
        public IEnumerator<(Tensor X, Tensor Y)> GetEnumerator() => make().GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>A regression with four batches that two layers can learn.</summary>
    private sealed class Problem : IDisposable
    {
        public const int Hidden = 8;

        private readonly DisposeScope _scope = NewDisposeScope();

        private Problem(double dropout)
        {
            _ = manual_seed(7);
            X = randn(32, 4);
            Y = X.narrow(1, 0, 1).sin() + X.narrow(1, 1, 1);
            Batches = [.. Enumerable.Range(0, 4).Select(i => (X.narrow(0, 8 * i, 8), Y.narrow(0, 8 * i, 8)))];
            First = nn.Linear(4, Hidden);
            Model = nn.Sequential(First, nn.Tanh(), nn.Dropout(dropout), nn.Linear(Hidden, 1));
        }

        public Tensor X { get; }

        public Tensor Y { get; }

        public IReadOnlyList<(Tensor X, Tensor Y)> Batches { get; }

        public Linear First { get; }

        public Sequential Model { get; }

        public static Problem Create(double dropout = 0) => new(dropout);

        public Tensor Loss(Tensor x, Tensor y) => nn.functional.mse_loss(Model.call(x), y);

        public Trainer<(Tensor X, Tensor Y)> Trainer(TrainerOptions options, double rate = 0.1) =>
            new(Model, batch => Loss(batch.X, batch.Y), parameters => optim.SGD(parameters, rate), options);

        public double[] Weights() => [.. Model.parameters().SelectMany(parameter => parameter.Doubles())];

        public void Dispose()
        {
            Model.Dispose();
            _scope.Dispose();
        }
    }
}

internal static class TrainerInTest
{
    public static TrainingResult Train<TBatch>(this Trainer<TBatch> trainer, IEnumerable<TBatch> training, IEnumerable<TBatch>? validation = null) =>
        trainer.Fit(training, validation, TestContext.Current.CancellationToken);
}
