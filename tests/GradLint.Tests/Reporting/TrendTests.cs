namespace GradLint.Tests;

public class TrendTests
{
    [Fact]
    public void A_line_ends_with_the_mean_of_the_steps_before_not_with_the_last_one()
    {
        RunStep[] steps = [.. Enumerable.Range(1, 1000).Select(step => new RunStep(step, 0, step == 1000 ? 1000 : 1, 1, 1, 0.1, StepOutcome.Applied))];

        double[] smooth = Trend.Of(steps, step => step.Loss).Smooth();

        Assert.Equal(0, smooth[0]);
        Assert.Equal(3.0 / 40, smooth[^1], 1e-9);
    }
}
