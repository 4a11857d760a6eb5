using static TorchSharp.torch;

namespace GradLint.Tests;

public class StepObserverTests
{
    [Fact]
    public void An_observer_sees_the_gradients_before_clipping_and_the_verdict_after_the_step()
    {
        using Weights model = Weights.OfZeros(2, size: 2).WithGradients(tensor(new[] { 3f, -4f }), tensor(new[] { 0f, 12f }));
        using optim.Optimizer optimizer = model.Sgd(learningRate: 1);
        using var guard = GradientGuard.For(model, optimizer);
        var notes = new Notes();
        using IDisposable subscription = guard.Observe(notes);

        _ = guard.Step(tensor(1f));

        Assert.Equal(["measured 1: w0 5 at weight 0, w1 12 at weight 0", "judged 1: Clipped, stepped True"], notes.Lines);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_has_no_norm()
    {
        using Weights model = Weights.OfZeros(2, size: 1).WithGradients(full(1, float.NaN), null);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        var notes = new Notes();
        using IDisposable subscription = guard.Observe(notes);

        _ = guard.Inspect();

        Assert.Equal(["measured 1: w0 NaN at weight 0, w1 0 at weight 0", "judged 1: Skipped, stepped False"], notes.Lines);
    }

    [Fact]
    public void Who_no_longer_observes_is_told_nothing()
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        var (first, second) = (new Notes(), new Notes());
        IDisposable subscription = guard.Observe(first);
        using IDisposable other = guard.Observe(second);

        subscription.Dispose();
        _ = guard.Inspect();

        Assert.Empty(first.Lines);
        Assert.Equal(2, second.Lines.Count);
    }

    [Fact]
    public void Advice_is_told_once_after_the_verdict_on_its_step_and_that_on_validation_at_once()
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2));
        _ = model.WithGradients(full(new long[] { 2, 2 }, 100f), ones(2, 2));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer, new() { Advice = new() { ValidationLoss = new() { Patience = 1 } } });
        var advised = new Advised();
        using IDisposable subscription = guard.Observe(advised);

        for (int step = 0; step < 100; step++)
        {
            _ = guard.Inspect();
        }

        _ = guard.RecordValidation(1);
        _ = guard.RecordValidation(2);

        Assert.Equal(["judged 32", "advised 32 DepthRatio", "advised 100 ValidationLoss"], advised.Lines.SkipWhile(line => line != "judged 32").Where(line => line == "judged 32" || !line.StartsWith("judged", StringComparison.Ordinal)));
    }

    private sealed class Advised : IStepObserver
    {
        public List<string> Lines { get; } = [];

        public void OnMeasured(in StepMeasurement measurement)
        {
        }

        public void OnJudged(in StepVerdict verdict) => Lines.Add($"judged {verdict.Step}");

        public void OnAdvised(Advice advice) => Lines.Add($"advised {advice.Step} {advice.Kind}");
    }

    private sealed class Notes : IStepObserver
    {
        public List<string> Lines { get; } = [];

        public void OnMeasured(in StepMeasurement measurement)
        {
            var parameters = new List<string>();
            for (int i = 0; i < measurement.Names.Count; i++)
            {
                parameters.Add($"{measurement.Names[i]} {measurement.NormOf(i)} at weight {measurement.Parameters[i].Doubles()[0]}");
            }

            Lines.Add($"measured {measurement.Step}: {string.Join(", ", parameters)}");
        }

        public void OnJudged(in StepVerdict verdict) =>
            Lines.Add($"judged {verdict.Step}: {verdict.Outcome}, stepped {verdict.StepApplied}");
    }
}
