using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace GradLint.Tests;

public class TelemetryTests
{
    [Fact]
    public void A_listener_hears_of_steps_and_norms_and_no_tag_names_a_parameter()
    {
        var steps = new List<string>();
        var norms = new List<double>();
        int thread = Environment.CurrentManagedThreadId;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "GradLint")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) =>
        {
            // Other tests run beside this one.
            if (Environment.CurrentManagedThreadId == thread)
            {
                steps.Add($"{instrument.Name} {string.Join(" ", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
            }
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (Environment.CurrentManagedThreadId == thread && instrument.Name == "gradlint.gradient.norm")
            {
                norms.Add(value);
            }
        });
        listener.Start();

        Run(observer: null);

        Assert.Equal(
            [
                "gradlint.steps gradlint.outcome=Clipped gradlint.reason=Finite",
                "gradlint.steps gradlint.outcome=Skipped gradlint.reason=NonFiniteGradient",
            ],
            steps);
        Assert.Equal([5.0], norms);
    }

    [Fact]
    public void A_logger_is_warned_of_what_is_skipped_with_the_parameter_that_led()
    {
        var logger = new Notes(LogLevel.Information);

        Run(new StepLogger(logger));

        string line = Assert.Single(logger.Lines);
        Assert.StartsWith("Warning: Step 2 was skipped: NonFiniteGradient.", line, StringComparison.Ordinal);
        Assert.EndsWith("parameters [w0].", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_logger_that_wants_everything_hears_of_every_step()
    {
        var logger = new Notes(LogLevel.Trace);

        Run(new StepLogger(logger));

        Assert.Equal(2, logger.Lines.Count);
        Assert.StartsWith("Trace: Step 1: Clipped, Finite. Gradient norm 5,", logger.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_logger_is_warned_of_advice()
    {
        using var model = new Weights(zeros(2, 2), zeros(2, 2));
        _ = model.WithGradients(full(new long[] { 2, 2 }, 100f), ones(2, 2));
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        var logger = new Notes(LogLevel.Information);
        using IDisposable subscription = guard.Observe(new StepLogger(logger));

        for (int step = 0; step < 50; step++)
        {
            _ = guard.Inspect();
        }

        Assert.StartsWith("Warning: Step 32: DepthRatio. The gradient of w0 is 100 times", Assert.Single(logger.Lines), StringComparison.Ordinal);
    }

    private static void Run(IStepObserver? observer)
    {
        using Weights model = Weights.OfZeros(1, size: 2);
        using optim.Optimizer optimizer = model.Sgd();
        using var guard = GradientGuard.For(model, optimizer);
        using IDisposable? subscription = observer is null ? null : guard.Observe(observer);
        _ = model.WithGradients(tensor(new[] { 3f, 4f }));
        _ = guard.Step(tensor(1f));
        _ = model.WithGradients(tensor(new[] { 3f, float.NaN }));
        _ = guard.Step(tensor(1f));
    }
}
