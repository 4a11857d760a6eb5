namespace GradLint.Tests;

public class EpochLossTests
{
    [Fact]
    public void It_is_the_mean_over_the_steps_that_had_an_effect_and_whose_loss_is_known()
    {
        var loss = new EpochLoss();

        loss.Add(new StepVerdict { Outcome = StepOutcome.Applied, Reason = StepReason.Pending, IsLate = true, StepApplied = true });
        loss.Add(new StepVerdict { Outcome = StepOutcome.Applied, Loss = 1, StepApplied = true });
        loss.Add(new StepVerdict { Outcome = StepOutcome.Skipped, Loss = double.NaN, IsLate = true, StepApplied = true });
        loss.Add(new StepVerdict { Outcome = StepOutcome.Clipped, Loss = 3, StepApplied = true });
        Assert.Equal(2, loss.Mean);

        loss.Reset();
        Assert.Equal(double.NaN, loss.Mean);
    }
}
