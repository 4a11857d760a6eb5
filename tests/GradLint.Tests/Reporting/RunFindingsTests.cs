namespace GradLint.Tests;

public sealed class RunFindingsTests
{
    [Fact]
    public void A_quiet_run_is_told_as_such()
    {
        RunFinding[] findings = [.. RunFindings.Of(Run(norms: [0.2, 0.3, 0.4], threshold: 1, suggested: 0.4))];

        Assert.DoesNotContain(findings, finding => finding.IsTrouble);
        Assert.Equal("Every step was in order: none was skipped, none taken back.", findings[0].Text);
        Assert.Equal(
            "No step was clipped: the norms are at most 0.4, the last threshold is 1. The run's own norms suggest a threshold of 0.4, below which 100 % of them lie.",
            TextOf(findings, "clip-rate"));
    }

    [Fact]
    public void A_threshold_that_clips_most_steps_is_trouble()
    {
        RunFinding clipping = RunFindings.Clipping(Run(norms: [2, 3, 4, 0.5], threshold: 1));

        Assert.True(clipping.IsTrouble);
        Assert.StartsWith("75.0 % of the steps were clipped: the threshold,", clipping.Text, StringComparison.Ordinal);
        Assert.EndsWith("A threshold is suggested at the end of a run of 100 steps or more.", clipping.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_clipping_it_is_said_that_there_was_no_threshold() =>
        Assert.StartsWith("No threshold for clipping", RunFindings.Clipping(Run(norms: [2, 3], threshold: double.NaN)).Text, StringComparison.Ordinal);

    [Fact]
    public void Events_are_counted_by_what_was_done_and_the_first_is_named()
    {
        RunHistory run = Run(norms: [1, 1, 1], threshold: 1);
        run.EventList.Add(Event(2, StepOutcome.Skipped, StepReason.NonFiniteLoss));
        run.EventList.Add(Event(3, StepOutcome.Skipped, StepReason.LossSpike));
        run.EventList.Add(Event(4, StepOutcome.RolledBack, StepReason.LossSpike));

        Assert.Equal(
            new RunFinding("3 of 3 steps were out of the ordinary (2 skipped, 1 rolled back), the first at step 2: non finite loss.", "events", IsTrouble: true),
            RunFindings.Of(run)[0]);
    }

    [Theory]
    [InlineData(0.5, 0.4, false, "the validation loss was lowest, 0.4, in the last epoch: it may fall further.")]
    [InlineData(0.4, 0.42, false, "the validation loss was lowest, 0.4, after epoch 1 of 2, and 0.42 in the end.")]
    [InlineData(-0.4, -0.5, false, "the validation loss was lowest, -0.5, in the last epoch: it may fall further.")]
    [InlineData(-0.4, -0.3, true, "the validation loss was lowest, -0.4, after epoch 1 of 2, and -0.3 in the end.")]
    [InlineData(0.4, 0.6, true, "the validation loss was lowest, 0.4, after epoch 1 of 2, and 0.6 in the end.")]
    public void A_validation_loss_that_rises_by_a_tenth_is_trouble(double first, double last, bool isTrouble, string text)
    {
        RunHistory run = Run(norms: [1, 1, 1], threshold: 1);
        run.EpochList.AddRange([new EpochResult(1, 1, 1, first), new EpochResult(2, 3, 1, last)]);

        RunFinding loss = RunFindings.Of(run).Single(finding => finding.Section == "loss");

        Assert.Equal(isTrouble, loss.IsTrouble);
        Assert.Equal($"The loss fell from 1 to 0.333; {text}", loss.Text);
    }

    [Fact]
    public void Layers_are_compared_by_their_median_norms()
    {
        RunHistory run = Run(norms: [1, 1, 1], threshold: 1);
        run.LayerNames.AddRange(["first", "last"]);
        run.NormList.AddRange([new LayerValues(1, [0.01, 1]), new LayerValues(2, [0.02, double.NaN]), new LayerValues(3, [0.03, 2])]);

        Assert.Equal(
            "Of the layers, last has the largest gradient (median norm 2) and first the smallest (0.02), 100 times less.",
            TextOf(RunFindings.Of(run), "norms"));
    }

    [Fact]
    public void A_run_without_a_step_says_so() => Assert.Equal("No step was logged.", Assert.Single(RunFindings.Of(new RunHistory(cutOff: null))).Text);

    private static string TextOf(IEnumerable<RunFinding> findings, string section) => findings.Single(finding => finding.Section == section).Text;

    private static RunEvent Event(long step, StepOutcome outcome, StepReason reason) =>
        new(new RunStep(step, 0, 1, 1, 1, 0.1, outcome), reason.ToString(), 1, 1, [], null, null);

    private static RunHistory Run(double[] norms, double threshold, double suggested = double.NaN)
    {
        var run = new RunHistory(cutOff: null) { Ending = new RunEnding("completed", 1, 1, suggested) };
        run.StepList.AddRange(norms.Select((norm, i) =>
            new RunStep(i + 1, 0.1 * i, 1.0 / (i + 1), norm, threshold, 0.1, norm > threshold ? StepOutcome.Clipped : StepOutcome.Applied)));
        return run;
    }
}
