using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>Decisions that are taken on the device and told one step later; here the device is the CPU.</summary>
[Collection(nameof(OwnRandomNumbers))]
public class LateVerdictTests
{
    private static readonly GradientGuardOptions s_late = new() { Lag = 1 };

    [Fact]
    public void A_training_is_the_same_as_with_prompt_verdicts_which_come_one_step_later()
    {
        (double[] prompt, StepVerdict[] promptVerdicts) = Train(new());
        (double[] late, StepVerdict[] lateVerdicts) = Train(s_late);

        Assert.Equal(prompt, late, (x, y) => Math.Abs(x - y) < 1e-4);
        Assert.Contains(promptVerdicts, verdict => verdict.Outcome == StepOutcome.Clipped);
        Assert.Contains(promptVerdicts, verdict => verdict.Outcome == StepOutcome.Applied);
        Assert.Equal(StepReason.Pending, lateVerdicts[0].Reason);
        Assert.All(lateVerdicts, verdict => Assert.Equal((true, true), (verdict.IsLate, verdict.StepApplied)));
        Assert.All(promptVerdicts.Zip(lateVerdicts.Skip(1)), pair =>
        {
            Assert.Equal((pair.First.Step, pair.First.Outcome), (pair.Second.Step, pair.Second.Outcome));
            Assert.Equal(1, pair.First.GradientNorm / pair.Second.GradientNorm, 1e-3);
            Assert.Equal(1, pair.First.Loss!.Value / pair.Second.Loss!.Value, 1e-3);
        });
    }

    [Theory]
    [InlineData(float.NaN, 1f, StepReason.NonFiniteGradient)]
    [InlineData(float.PositiveInfinity, 1f, StepReason.NonFiniteGradient)]
    [InlineData(0.1f, float.NaN, StepReason.NonFiniteLoss)]
    public void A_step_that_is_not_finite_has_no_effect_and_is_told_in_the_next(float gradient, float loss, StepReason reason)
    {
        using Weights model = Weights.OfZeros(2).WithGradients(full(4, 0.1f), full(4, 0.1f));
        using optim.Optimizer optimizer = model.Sgd(1);
        using var guard = GradientGuard.For(model, optimizer, s_late, throughMemory: false);
        _ = guard.Step(ones(1));
        _ = model.WithGradients(full(4, 0.1f), tensor(new[] { gradient, 0.1f, 0.1f, 0.1f }));

        StepVerdict onTheFirst = guard.Step(full(1, loss));
        double[] after = model.Values(1);
        _ = model.WithGradients(full(4, 0.1f), full(4, 0.1f));
        StepVerdict onTheBad = guard.Step(ones(1));

        Assert.Equal((StepOutcome.Applied, StepReason.Finite), (onTheFirst.Outcome, onTheFirst.Reason));
        Assert.All(after, value => Assert.Equal(-0.1, value, 1e-6));
        Assert.Equal((StepOutcome.Skipped, reason, true), (onTheBad.Outcome, onTheBad.Reason, onTheBad.MayStep));
        Assert.All(model.Values(1), value => Assert.Equal(-0.2, value, 1e-6));
    }

    [Fact]
    public void A_spike_has_no_effect_and_is_told_in_the_next_step()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(full(4, 0.1f));
        using optim.Optimizer optimizer = model.Sgd(1);
        using var guard = GradientGuard.For(model, optimizer, s_late, throughMemory: false);
        StepVerdict[] verdicts =
        [
            .. Enumerable.Range(0, 103).Select(step =>
            {
                using Tensor gradient = model[0].grad!;
                _ = gradient.fill_(step == 100 ? 1000 : 0.1);
                return guard.Step(ones(1));
            }),
        ];

        Assert.Equal((StepOutcome.Skipped, StepReason.Spike, 101L), (verdicts[101].Outcome, verdicts[101].Reason, verdicts[101].Step));
        Assert.Single(verdicts, verdict => verdict.Outcome == StepOutcome.Skipped);
        Assert.Equal(-10.2, model.Values(0)[0], 1e-3);
    }

    [Fact]
    public void Weights_that_are_ruined_are_rolled_back()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(full(4, 0.1f));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_late, throughMemory: false);
        _ = guard.Step(ones(1));
        _ = guard.Step(ones(1));
        using (no_grad())
        {
            _ = model[0].fill_(double.NaN);
        }

        StepVerdict[] verdicts = [.. Enumerable.Range(0, 3).Select(_ => guard.Step(full(1, double.NaN)))];

        Assert.Equal(
            [StepOutcome.Applied, StepOutcome.Skipped, StepOutcome.RolledBack], verdicts.Select(verdict => verdict.Outcome));
        Assert.False(verdicts[2].MayStep);
        Assert.All(model.Values(0), value => Assert.True(double.IsFinite(value)));
        Assert.Equal(StepReason.Pending, guard.Step(ones(1)).Reason);
    }

    [Fact]
    public void In_this_process_s_memory_verdicts_are_prompt()
    {
        using Weights model = Weights.OfZeros(1).WithGradients(full(4, 0.1f));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, s_late);

        StepVerdict verdict = guard.Step(ones(1));

        Assert.Equal((false, StepReason.Finite, 1L), (verdict.IsLate, verdict.Reason, verdict.Step));
    }

    private static (double[] Weights, StepVerdict[] Verdicts) Train(GradientGuardOptions options)
    {
        _ = manual_seed(3);
        using Sequential model = nn.Sequential(nn.Linear(5, 40), nn.ReLU(), nn.Linear(40, 1));
        using optim.Optimizer optimizer = optim.SGD(model.parameters(), 0.05, momentum: 0.9);
        using var guard = GradientGuard.For(model, optimizer, options, throughMemory: false);
        var verdicts = new List<StepVerdict>();
        for (int step = 0; step < 60; step++)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor x = randn(16, 5);
            Tensor loss = nn.functional.mse_loss(model.call(x), x.sum(1, keepdim: true));
            loss.backward();
            verdicts.Add(guard.Step(loss));
        }

        return ([.. model.parameters().SelectMany(parameter => parameter.Doubles())], [.. verdicts]);
    }
}
