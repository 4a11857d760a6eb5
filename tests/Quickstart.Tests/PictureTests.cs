using GradLint;

namespace Quickstart.Tests;

public sealed class PictureTests
{
    [Theory]
    [InlineData(1.0, 0.5, 0.1)]
    [InlineData(1.0, 1e30, double.NaN, double.NaN)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(0.0, double.PositiveInfinity)]
    public void Any_curve_can_be_drawn(params double[] losses)
    {
        using var folder = new TemporaryFolder();
        StepRecord[] steps = [.. losses.Select((loss, i) => new StepRecord(i + 1, loss, loss, StepOutcome.Applied))];
        var run = new RunResult("run", steps, default, losses[^1], 0.1, TimeSpan.FromSeconds(1));

        var picture = Picture.At(folder.File("picture.png"));
        picture.Draw([run, run with { Name = "other" }]);

        Assert.True(new FileInfo(picture.FilePath).Length > 1000);
    }

    [Fact]
    public void A_curve_ends_where_it_is_no_longer_a_number()
    {
        double[] losses = [10, 100, double.PositiveInfinity, 1];
        var curve = Curve.Of(losses.Select((loss, i) => new StepRecord(i + 1, loss, 0, StepOutcome.Applied)), step => step.Loss);

        Assert.Equal([1.0, 2.0], curve.Y);
        Assert.Equal([0.0, Math.Log10(2)], curve.X);
    }
}
