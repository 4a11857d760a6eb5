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

        var picture = Picture.At(folder.File("picture.svg"));
        picture.Draw([run, run with { Name = "other" }]);

        Assert.True(new FileInfo(picture.FilePath).Length > 1000);
    }
}
