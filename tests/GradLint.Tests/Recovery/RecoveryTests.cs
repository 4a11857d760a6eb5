using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public class RecoveryTests
{
    private static readonly RecoveryOptions s_quick = new() { SnapshotInterval = 10, Failures = 4, Window = 8 };

    [Fact]
    public void Weights_that_are_not_finite_are_rolled_back_at_the_second_failure()
    {
        using var run = new Regression(new() { Recovery = s_quick });
        _ = run.Train(25);
        run.Ruin(double.NaN);

        Assert.Equal(StepOutcome.Skipped, run.Next().Outcome);
        StepVerdict verdict = run.Next();

        Assert.Equal((StepOutcome.RolledBack, StepReason.NonFiniteLoss, false), (verdict.Outcome, verdict.Reason, verdict.MayStep));
        Assert.Equal(21, verdict.RestoredStep);
        Assert.Equal("Step 27: the loss is not finite; rolled back to step 21, learning rate 0.05.", verdict.Report);
        Assert.Equal(0.05, run.LearningRate);
        Assert.All(run.Train(20), next => Assert.True(next.StepApplied));
    }

    [Fact]
    public void A_loss_that_explodes_is_rolled_back_and_training_reaches_its_goal()
    {
        using var run = new Regression(new() { Recovery = s_quick });
        _ = run.Train(150);
        run.Ruin(1e4);

        IReadOnlyList<StepVerdict> verdicts = run.Train(4);

        Assert.Equal(
            [StepOutcome.Skipped, StepOutcome.Skipped, StepOutcome.Skipped, StepOutcome.RolledBack],
            verdicts.Select(verdict => verdict.Outcome));
        Assert.Equal(StepReason.LossSpike, verdicts[^1].Reason);
        Assert.InRange(run.Train(300)[^1].Loss!.Value, 0, 0.05);
    }

    [Fact]
    public void A_weight_that_was_ruined_without_a_trace_in_the_loss_is_found_at_the_next_snapshot()
    {
        using var model = new Weights(ones(4), ones(4));
        _ = model.WithGradients(full(4, 0.1), full(4, 0.1));
        using optim.Optimizer optimizer = model.Sgd(0.01);
        using var guard = GradientGuard.For(model, optimizer, new() { Recovery = s_quick });
        IReadOnlyList<StepVerdict> Steps(int count) => [.. Enumerable.Range(0, count).Select(_ => guard.Step(ones(1)))];
        _ = Steps(14);
        double[] good = model.Values(1);
        using (no_grad())
        {
            _ = model[1].fill_(-1000);
        }

        StepVerdict verdict = Steps(7)[^1];

        Assert.Equal((StepOutcome.RolledBack, StepReason.CorruptWeights, 21L, 11L),
            (verdict.Outcome, verdict.Reason, verdict.Step, verdict.RestoredStep));
        Assert.Equal("Step 21: a weight has grown as no training lets it grow; rolled back to step 11, learning rate 0.01.", verdict.Report);
        Assert.Equal(good[0], model.Values(1)[0], 0.01);
        Assert.All(Steps(50), next => Assert.Equal(StepOutcome.Applied, next.Outcome));
    }

    [Theory]
    [InlineData("SGD")]
    [InlineData("momentum")]
    [InlineData("Adam")]
    public void Weights_that_large_targets_make_large_are_in_order(string kind)
    {
        _ = manual_seed(1);
        using Linear model = nn.Linear(4, 1);
        using optim.Optimizer optimizer = kind switch
        {
            "SGD" => optim.SGD(model.parameters(), 0.05),
            "momentum" => optim.SGD(model.parameters(), 0.005, momentum: 0.9),
            _ => optim.Adam(model.parameters(), 100),
        };
        using var guard = GradientGuard.For(model, optimizer, new() { Clipping = null, Recovery = s_quick });
        using Tensor truth = tensor(new[] { 2e5f, -1e5f, 5e4f, 1e5f }).reshape(4, 1);
        for (int step = 0; step < 200; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor x = randn(64, 4);
            Tensor loss = nn.functional.mse_loss(model.call(x), x.matmul(truth) + 2e5);
            loss.backward();

            Assert.True(guard.Step(loss).MayStep);
        }
    }

    [Fact]
    public void An_optimizer_of_ones_own_that_tells_no_rate_is_guarded_all_the_same()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(zeros(4));
        using var optimizer = new WithoutRates(model[0]);
        using var guard = GradientGuard.For(model, optimizer, new() { Recovery = s_quick });

        Assert.All(Enumerable.Range(0, 25).Select(_ => guard.Step(tensor(1f))), verdict => Assert.True(verdict.StepApplied));
    }

    [Fact]
    public void A_lasting_rise_of_the_loss_is_accepted_within_64_steps_even_if_it_straddles_that_of_the_untrained_model()
    {
        using var run = new GuardedSeries();
        var random = new Random(4);
        _ = run.Losses(Enumerable.Range(0, 400).Select(step => (2 * Math.Exp(-step / 60.0)) + 0.25 + (0.05 * random.NextDouble())));

        // The untrained model's loss was 1.6.
        IReadOnlyList<StepVerdict> verdicts = run.Losses(Enumerable.Range(0, 300).Select(_ => 1 + (2 * random.NextDouble())));

        Assert.Single(verdicts, verdict => verdict.Outcome == StepOutcome.RolledBack);
        Assert.Single(verdicts.Take(64), verdict => verdict.Reason == StepReason.LevelShift);
        Assert.All(verdicts.Skip(64), verdict => Assert.True(verdict.MayStep));
        Assert.Equal(0.1, run.LearningRate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_lasting_rise_of_which_some_losses_still_look_usual_costs_one_roll_back_and_neither_the_rate_nor_the_run(int seed)
    {
        using var run = new GuardedSeries();
        _ = run.Losses(Series.LogNormal(0.3, 400, seed).Select((noise, step) => noise * (0.3 + (1.5 * Math.Exp(-step / 40.0)))));

        // Ten times as high, and six deviations are a factor of six.
        IReadOnlyList<StepVerdict> verdicts = run.Losses(Series.LogNormal(0.3, 300, seed + 10).Select(noise => 3 * noise));

        Assert.Contains(verdicts.Take(64), verdict => verdict.Reason == StepReason.Finite);
        Assert.Single(verdicts, verdict => verdict.Outcome == StepOutcome.RolledBack);
        Assert.DoesNotContain(verdicts, verdict => verdict.Outcome == StepOutcome.Stopped);
        Assert.Contains(verdicts.Take(64), verdict => verdict.Reason == StepReason.LevelShift);
        Assert.Equal(0.1, run.LearningRate);
    }

    [Fact]
    public void A_few_bad_batches_are_skipped_and_nothing_is_rolled_back()
    {
        using var run = new Regression(new() { Recovery = new() });
        _ = run.Train(100);

        IReadOnlyList<StepVerdict> verdicts = [.. Enumerable.Range(0, 10).Select(_ => run.Next(batchScale: double.NaN))];

        Assert.All(verdicts, verdict => Assert.Equal(StepOutcome.Skipped, verdict.Outcome));
        Assert.True(run.Next().MayStep);
        Assert.Equal(0.05, run.LearningRate);
    }

    [Fact]
    public void After_a_bounded_number_of_roll_backs_the_guard_stops_with_a_report_and_good_weights()
    {
        using var run = new Regression(new() { Recovery = s_quick with { MaxRollBacks = 2 } });
        _ = run.Train(50);

        IReadOnlyList<StepVerdict> verdicts = [.. Enumerable.Range(0, 20).Select(_ => run.Next(batchScale: double.NaN))];

        Assert.Equal([4, 8], verdicts.Index().Where(v => v.Item.Outcome == StepOutcome.RolledBack).Select(v => v.Index + 1));
        Assert.All(verdicts.Skip(11), verdict => Assert.Equal((StepOutcome.Stopped, false), (verdict.Outcome, verdict.MayStep)));
        Assert.Equal(
            """
            Step 54: the loss is not finite; the weights are, and stay as they were before step 51, learning rate 0.05.
            Step 58: the loss is not finite; rolled back to step 41, learning rate 0.025.
            Step 62: the loss is not finite; stopped after 2 roll-backs. Model and optimizer are as they were before step 41.
            Try a lower learning rate, smaller initial weights or normalization layers, and look for bad values in the data.
            """.ReplaceLineEndings(),
            verdicts[^1].Report);
        Assert.All(run.Weights, weight => Assert.True(double.IsFinite(weight)));
    }

    [Fact]
    public void Each_attempt_that_does_not_help_goes_further_back()
    {
        using var run = new Regression(new() { Recovery = s_quick });
        _ = run.Train(50);

        IReadOnlyList<StepVerdict> verdicts = [.. Enumerable.Range(0, 16).Select(_ => run.Next(batchScale: double.NaN))];

        Assert.Equal(
            [(54, 51L), (58, 41), (62, 31)],
            verdicts.Where(v => v.Outcome == StepOutcome.RolledBack).Select(v => ((int)v.Step, v.RestoredStep!.Value)));
        Assert.Equal((StepOutcome.Stopped, 31L), (verdicts[^1].Outcome, verdicts[^1].RestoredStep));
        Assert.Equal(0.0125, run.LearningRate);
    }

    [Fact]
    public void Bad_data_cost_no_good_step()
    {
        using var run = new Regression(new() { Recovery = new() });
        _ = run.Train(100);
        double[] weights = run.Weights;

        IReadOnlyList<StepVerdict> verdicts = [.. Enumerable.Range(0, 16).Select(_ => run.Next(batchScale: double.NaN))];

        Assert.Equal((StepOutcome.RolledBack, 101L), (verdicts[^1].Outcome, verdicts[^1].RestoredStep));
        Assert.Equal(weights, run.Weights);
        Assert.Equal(0.05, run.LearningRate);
        Assert.False(run.Guard.TrySaveCheckpoint("never-written", out string? refusal));
        Assert.Equal("Step 115 was skipped, and none was in order since.", refusal);
        Assert.All(run.Train(20), next => Assert.True(next.StepApplied));
    }

    [Fact]
    public void Bad_data_again_and_again_cost_no_good_step_until_the_guard_stops()
    {
        using var run = new Regression(new() { Recovery = s_quick });
        for (int i = 0; i < 4; i++)
        {
            _ = run.Train(15);
            double[] weights = run.Weights;
            StepVerdict verdict = Enumerable.Range(0, 4).Select(_ => run.Next(batchScale: double.NaN)).ToArray()[^1];

            Assert.Equal(i < 3 ? StepOutcome.RolledBack : StepOutcome.Stopped, verdict.Outcome);
            Assert.Equal(i < 3, weights.SequenceEqual(run.Weights));
            Assert.Equal(0.05, run.LearningRate);
        }
    }

    [Fact]
    public void Finite_weights_that_make_every_pass_overflow_are_rolled_back_at_the_second_attempt()
    {
        using var run = new Regression(new() { Recovery = s_quick });
        _ = run.Train(25);
        run.Ruin(1e30);

        IReadOnlyList<StepVerdict> verdicts = run.Train(8);

        Assert.Equal([26L, 21L], verdicts.Where(v => v.Outcome == StepOutcome.RolledBack).Select(v => v.RestoredStep!.Value));
        Assert.All(run.Train(20), next => Assert.True(next.StepApplied));
    }

    [Fact]
    public void Buffers_that_bad_data_ruined_are_restored_although_the_weights_are_kept()
    {
        using var run = new Training("SGD", recovery: s_quick);
        run.Train(15);
        byte[][] weights = [.. run.Model.parameters().Select(parameter => parameter.Bits())];

        IReadOnlyList<StepVerdict> verdicts = [.. Enumerable.Range(0, 4).Select(_ => run.Next(full(8, 5, double.NaN)))];

        Assert.Equal((StepOutcome.RolledBack, 16L), (verdicts[^1].Outcome, verdicts[^1].RestoredStep));
        Assert.Equal(weights, run.Model.parameters().Select(parameter => parameter.Bits()));
        Assert.All(run.Model.buffers(), buffer => Assert.True(buffer.isfinite().all().item<bool>()));
    }

    [Fact]
    public void A_run_that_never_was_in_order_stops_and_says_so()
    {
        using var run = new Regression(new() { Recovery = s_quick });

        IReadOnlyList<StepVerdict> verdicts = [.. Enumerable.Range(0, 4).Select(_ => run.Next(batchScale: double.NaN))];

        Assert.Equal((StepOutcome.Stopped, null), (verdicts[^1].Outcome, verdicts[^1].RestoredStep));
        Assert.Contains("No step was in order yet", verdicts[^1].Report);
        Assert.StartsWith(
            "step 5: stopped (Step 4: the loss is not finite; stopped after 0 roll-backs), loss ", run.Next().ToString());
    }

    [Fact]
    public void Other_data_cost_one_roll_back_and_not_the_learning_rate()
    {
        using var run = new GuardedSeries(new() { Recovery = new() });
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));
        // So that the next roll-back is the second.
        Assert.Equal(StepOutcome.RolledBack, run.Losses(Enumerable.Repeat(double.NaN, 16))[^1].Outcome);
        _ = run.Losses(Series.Normal(2.3, 0.1, 100));

        IReadOnlyList<StepVerdict> shifted = run.Losses(Series.Normal(50, 1, 200, seed: 2));

        Assert.Equal([15], shifted.Index().Where(v => v.Item.Outcome == StepOutcome.RolledBack).Select(v => v.Index));
        Assert.Equal(StepReason.LevelShift, shifted.First(verdict => verdict.MayStep).Reason);
        // The 16 losses before the roll-back count, too.
        Assert.Equal(31, shifted.Index().First(v => v.Item.MayStep).Index);
        Assert.All(shifted.Skip(32), verdict => Assert.True(verdict.MayStep));
        Assert.Equal(0.1, run.LearningRate);
    }

    [Fact]
    public void A_rate_that_a_scheduler_has_raised_again_is_not_given_back_twice()
    {
        using var run = new GuardedSeries(new() { Recovery = new() });
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));
        // So that the next roll-back is the second.
        _ = run.Losses(Enumerable.Repeat(double.NaN, 16));
        _ = run.Losses(Series.Normal(2.3, 0.1, 100));
        IReadOnlyList<double> shifted = [.. Series.Normal(50, 1, 100, seed: 2)];

        Assert.Equal(StepOutcome.RolledBack, run.Losses(shifted.Take(16))[^1].Outcome);
        Assert.Equal(0.05, run.LearningRate);
        // As LambdaLR does, which computes it from its base.
        run.LearningRate = 0.1;

        Assert.Contains(run.Losses(shifted.Skip(16)), verdict => verdict.Reason == StepReason.LevelShift);
        Assert.Equal(0.1, run.LearningRate);
    }

    [Fact]
    public void Spikes_of_the_norm_alone_roll_nothing_back()
    {
        using var run = new GuardedSeries(new() { Recovery = s_quick });
        _ = run.Norms(Series.Normal(1, 0.1, 200));

        Assert.DoesNotContain(run.Norms(Enumerable.Repeat(1e4, 100)), verdict => verdict.Outcome == StepOutcome.RolledBack);
    }

    [Fact]
    public void Loss_spikes_that_are_not_skipped_are_failures_all_the_same()
    {
        using var run = new GuardedSeries(new() { Recovery = s_quick, LossSpikes = new() { Skip = false } });
        _ = run.Losses(Series.Normal(2.3, 0.1, 200));

        IReadOnlyList<StepVerdict> spikes = run.Losses(Enumerable.Repeat(100d, 4));

        Assert.Equal([true, true, true, false], spikes.Select(verdict => verdict.MayStep));
        Assert.Equal((StepOutcome.RolledBack, 191L), (spikes[^1].Outcome, spikes[^1].RestoredStep));
    }

    [Fact]
    public void Old_roll_backs_are_forgotten()
    {
        using var run = new Regression(new() { Recovery = s_quick with { MaxRollBacks = 1 } });
        for (int i = 0; i < 4; i++)
        {
            _ = run.Train(101);
            run.Ruin(double.NaN);
            Assert.Equal([StepOutcome.Skipped, StepOutcome.RolledBack], run.Train(2).Select(verdict => verdict.Outcome));
        }

        run.Ruin(double.NaN);
        Assert.Equal([StepOutcome.Skipped, StepOutcome.Stopped], run.Train(2).Select(verdict => verdict.Outcome));
    }

    [Fact]
    public void Without_recovery_ruined_weights_stay()
    {
        using var run = new Regression(new() { Recovery = null });
        _ = run.Train(20);
        run.Ruin(double.NaN);

        Assert.All(run.Train(100), verdict => Assert.Equal(StepOutcome.Skipped, verdict.Outcome));
    }

    [Fact]
    public void Parameters_that_join_later_are_rolled_back_too()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(zeros(4), zeros(4));
        using SGD optimizer = optim.SGD([model[0]], 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { Recovery = s_quick });
        _ = guard.Step(tensor(1f));
        optimizer.add_param_group(new SGD.ParamGroup([model[1]], new SGD.Options()));
        _ = guard.Step(tensor(1f));
        using (no_grad())
        {
            _ = model[1].fill_(double.NaN);
        }

        _ = guard.Step(tensor(float.NaN));

        Assert.Equal(StepOutcome.RolledBack, guard.Step(tensor(float.NaN)).Outcome);
        Assert.Equal([0, 0, 0, 0], model.Values(1));
    }

    [Fact]
    public void A_stop_after_parameters_joined_tells_of_no_state_that_it_did_not_restore()
    {
        using Weights model = Weights.OfZeros(2).WithGradients(zeros(4), zeros(4));
        using SGD optimizer = optim.SGD([model[0]], 0.1);
        using var guard = GradientGuard.For(model, optimizer, new() { Recovery = s_quick });
        IReadOnlyList<StepVerdict> Fail() => [.. Enumerable.Range(0, 4).Select(_ => guard.Step(tensor(float.NaN)))];
        _ = guard.Step(tensor(1f));
        Assert.Equal(StepOutcome.RolledBack, Fail()[^1].Outcome);
        optimizer.add_param_group(new SGD.ParamGroup([model[1]], new SGD.Options()));

        StepVerdict stopped = Fail()[^1];

        Assert.Equal((StepOutcome.Stopped, null), (stopped.Outcome, stopped.RestoredStep));
        Assert.False(guard.TrySaveCheckpoint("nowhere", out string? refusal));
        Assert.Equal("No step was in order yet.", refusal);
    }

    [Fact]
    public void The_count_of_roll_backs_is_part_of_the_guards_state()
    {
        using var before = new Regression(new() { Recovery = s_quick with { MaxRollBacks = 1 } });
        using var after = new Regression(new() { Recovery = s_quick with { MaxRollBacks = 1 } });
        _ = before.Train(20);
        before.Ruin(double.NaN);
        Assert.Equal(StepOutcome.RolledBack, before.Train(2)[^1].Outcome);
        using var state = new MemoryStream();
        before.Guard.SaveState(state);
        state.Position = 0;

        after.Guard.LoadState(state);

        _ = after.Train(5);
        after.Ruin(double.NaN);
        Assert.Equal(StepOutcome.Stopped, after.Train(2)[^1].Outcome);
    }

    private sealed class WithoutRates(Parameter parameter) : optim.Optimizer(0)
    {
        public override IEnumerable<optim.ILearningRateController> ParamGroups => [];

        public override IEnumerable<Parameter> parameters() => [parameter];

        public override Tensor step(Func<Tensor>? closure = null) => null!;
    }

    /// <summary>A linear model that learns a linear function.</summary>
    private sealed class Regression : IDisposable
    {
        private readonly Linear _model;
        private readonly optim.Optimizer _optimizer;
        private readonly Tensor _truth;

        public Regression(GradientGuardOptions options)
        {
            manual_seed(7);
            _model = nn.Linear(4, 1);
            _optimizer = optim.SGD(_model.parameters(), 0.05, momentum: 0.5);
            _truth = tensor(new[] { 5f, -4f, 3f, -2f });
            Guard = GradientGuard.For(_model, _optimizer, options);
        }

        public GradientGuard Guard { get; }

        public double LearningRate => _optimizer.ParamGroups.Single().LearningRate;

        public double[] Weights => _model.weight!.flatten().Doubles();

        public StepVerdict Next(double batchScale = 1)
        {
            using DisposeScope scope = NewDisposeScope();
            _optimizer.zero_grad();
            Tensor x = randn(16, 4);
            Tensor target = (x * _truth).sum(1, keepdim: true) + (0.1 * randn(16, 1));
            Tensor loss = nn.functional.mse_loss(_model.call(x * batchScale), target);
            loss.backward();
            return Guard.Step(loss);
        }

        public IReadOnlyList<StepVerdict> Train(int steps) => [.. Enumerable.Range(0, steps).Select(_ => Next())];

        public void Ruin(double value)
        {
            using IDisposable noGradient = no_grad();
            _ = _model.weight!.fill_(value);
        }

        public void Dispose()
        {
            Guard.Dispose();
            _optimizer.Dispose();
            _model.Dispose();
            _truth.Dispose();
        }
    }
}
