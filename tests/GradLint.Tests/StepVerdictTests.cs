namespace GradLint.Tests;

public class StepVerdictTests
{
    [Fact]
    public void A_verdict_is_one_readable_line()
    {
        var verdict = new StepVerdict
        {
            Step = 12, Loss = 0.6931472, GradientNorm = 0.52, Threshold = 1, LeadingParameters = ["fc2.weight", "fc1.weight"],
        };

        Assert.Equal("step 12: applied, gradient norm 0.52, loss 0.6931 (fc2.weight, fc1.weight)", verdict.ToString());
        Assert.Equal(
            "step 12: clipped, gradient norm 34.2 > 1, loss 0.6931 (fc2.weight, fc1.weight)",
            (verdict with { Outcome = StepOutcome.Clipped, GradientNorm = 34.2 }).ToString());
        Assert.Equal(
            "step 12: skipped, gradients are not finite, loss NaN (fc2.weight)",
            (verdict with
            {
                Outcome = StepOutcome.Skipped,
                Reason = StepReason.NonFiniteGradient,
                Loss = double.NaN,
                LeadingParameters = ["fc2.weight"],
            }).ToString());
        Assert.Equal(
            "step 12: clipped, gradient norm 2E+20 > 1 and beyond the range of its type",
            (verdict with
            {
                Outcome = StepOutcome.Clipped,
                Reason = StepReason.NormOverflow,
                GradientNorm = 2e20,
                Loss = null,
                LeadingParameters = [],
            }).ToString());
    }

    [Fact]
    public void A_verdict_on_a_spike_tells_what_is_usual()
    {
        var verdict = new StepVerdict
        {
            Step = 300, Outcome = StepOutcome.Skipped, Reason = StepReason.Spike, GradientNorm = 120, Threshold = 1, Baseline = 0.5,
        };

        Assert.Equal("step 300: skipped, gradient norm 120 is a spike above 0.5", verdict.ToString());
        Assert.Equal(
            "step 300: skipped, the loss is a spike above 2.3, gradient norm 120, loss 40",
            (verdict with { Reason = StepReason.LossSpike, Loss = 40, LossBaseline = 2.3 }).ToString());
        Assert.Equal(
            "step 300: clipped, gradient norm 120, loss or norm have settled at a new level",
            (verdict with { Outcome = StepOutcome.Clipped, Reason = StepReason.LevelShift }).ToString());
    }

    [Fact]
    public void A_verdict_on_a_failure_that_lasts_tells_what_became_of_it()
    {
        var verdict = new StepVerdict
        {
            Step = 300, Outcome = StepOutcome.RolledBack, Reason = StepReason.NonFiniteLoss, Loss = double.NaN, RestoredStep = 201,
        };

        Assert.Equal("step 300: rolled back to step 201, loss NaN", verdict.ToString());
        Assert.Equal("step 300: stopped, loss NaN", (verdict with { Outcome = StepOutcome.Stopped }).ToString());
    }

    [Fact]
    public void An_empty_verdict_names_nobody() => Assert.Empty(default(StepVerdict).LeadingParameters);
}
