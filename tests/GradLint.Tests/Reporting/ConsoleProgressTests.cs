using System.Globalization;

namespace GradLint.Tests;

public sealed class ConsoleProgressTests : IDisposable
{
    private readonly Clock _clock = new();
    private readonly StringWriter _output = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    public void Dispose() => _output.Dispose();

    [Fact]
    public void A_file_gets_a_line_at_first_and_then_every_five_seconds()
    {
        var progress = new ConsoleProgress(_output, isTerminal: false, _clock);

        for (int step = 1; step <= 12; step++)
        {
            progress.Report(At(step, StepReason.Finite));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(
            [
                "epoch 1/3  step 1/400  loss 0.5  gradient norm 2  1 clipped, 0 skipped",
                "epoch 1/3  step 6/400  loss 0.5  gradient norm 2  6 clipped, 0 skipped",
                "epoch 1/3  step 11/400  loss 0.5  gradient norm 2  11 clipped, 0 skipped",
            ],
            _output.ToString().TrimEnd().Split(_output.NewLine));
    }

    [Fact]
    public void A_run_of_the_same_event_is_told_once()
    {
        var progress = new ConsoleProgress(_output, isTerminal: false, _clock);

        progress.Report(At(1, StepReason.Finite));
        progress.Report(At(2, StepReason.NonFiniteGradient, StepOutcome.Skipped));
        progress.Report(At(3, StepReason.NonFiniteGradient, StepOutcome.Skipped));

        string told = Assert.Single(_output.ToString().TrimEnd().Split(_output.NewLine)[1..]);
        Assert.StartsWith("step 2: skipped, gradients are not finite", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_has_one_line_that_is_written_over()
    {
        var progress = new ConsoleProgress(_output, isTerminal: true, _clock);

        for (int step = 1; step <= 3; step++)
        {
            progress.Report(At(step, StepReason.Finite));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.DoesNotContain('\n', _output.ToString());
        Assert.Equal(3, _output.ToString().Count(character => character == '\r'));
    }

    [Theory]
    [InlineData(20, "epoch 1/3  step 1/4")]
    [InlineData(0, "epoch 1/3  step 1/400  loss 0.5  gradient norm 2  1 clipped, 0 skipped")]
    public void A_line_is_no_longer_than_the_terminal_is_wide(int width, string line)
    {
        var progress = new ConsoleProgress(_output, isTerminal: true, _clock, () => width);

        progress.Report(At(1, StepReason.Finite));

        Assert.Equal($"\r{line}\u001b[K", _output.ToString());
    }

    [Fact]
    public void A_training_too_short_for_a_second_line_still_shows_how_it_ended()
    {
        var progress = new ConsoleProgress(_output, isTerminal: false, _clock);

        progress.Report(At(1, StepReason.Finite));
        progress.Report(At(400, StepReason.Finite));
        progress.Report(At(400, StepReason.Finite, epoch: 3));

        Assert.Equal(["epoch 1/3  step 1/400", "epoch 3/3  step 400/400"], _output.ToString().TrimEnd().Split(_output.NewLine).Select(line => line.Split("  loss")[0]));
    }

    private static TrainingProgress At(int step, StepReason reason, StepOutcome outcome = StepOutcome.Clipped, int epoch = 1) =>
        new(epoch, 3, step, 400, new StepVerdict { Step = step, Outcome = outcome, Reason = reason, Loss = 0.5, GradientNorm = 2, Threshold = 1 });

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan time) => _now += time.Ticks;

        public override long GetTimestamp() => _now;
    }
}
