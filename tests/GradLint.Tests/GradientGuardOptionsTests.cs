using static TorchSharp.torch;

namespace GradLint.Tests;

public class GradientGuardOptionsTests
{
    private static readonly GradientGuardOptions s_valid = new();

    [Fact]
    public void The_defaults_are_accepted() => Attach(s_valid);

    [Fact]
    public void All_problems_are_told_in_one_message()
    {
        var options = new GradientGuardOptions { MaxNorm = double.NaN, LeadingParameters = -1, MaxInitialWeight = 0 };

        var error = Assert.Throws<ArgumentException>(() => Attach(options));

        Assert.Equal(
            "MaxNorm is NaN; it must be greater than 0 (PositiveInfinity measures without clipping). "
            + "LeadingParameters is -1; it must not be negative. "
            + "MaxInitialWeight is 0; it must be greater than 0 (PositiveInfinity accepts every finite value). (Parameter 'options')",
            error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    public void A_threshold_that_clips_nothing_sensible_is_refused(double maxNorm) =>
        Assert.Throws<ArgumentException>(() => Attach(s_valid with { MaxNorm = maxNorm }));

    private static void Attach(GradientGuardOptions options)
    {
        using Weights model = Weights.OfZeros(1);
        using optim.Optimizer optimizer = model.Sgd();
        GradientGuard.For(model, optimizer, options).Dispose();
    }
}
