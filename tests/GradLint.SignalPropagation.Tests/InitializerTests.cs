namespace GradLint.SignalPropagation.Tests;

/// <summary>Mean and variance of the weights, against the formulas of the papers and TorchSharp's defaults.</summary>
public class InitializerTests
{
    private static readonly Fans s_fans = new(300, 100);

    public static TheoryData<Initializer, double, double> Moments => new()
    {
        { new KaimingNormal(), 0, 2.0 / 300 },
        { new KaimingNormal(0, FanMode.FanOut), 0, 2.0 / 100 },
        { new KaimingUniform(Math.Sqrt(5)), 0, 1.0 / 900 },
        { new KaimingGain(5.0 / 3), 0, 25.0 / 9 / 300 },
        { new XavierNormal(), 0, 2.0 / 400 },
        { new XavierUniform(2), 0, 8.0 / 400 },
        { new Normal(), 0, 1 },
        { new Normal(0.5, 0.1), 0.5, 0.01 },
        { new Uniform(), 0.5, 1.0 / 12 },
        { new Uniform(-0.1, 0.1), 0, 0.04 / 12 },
        { new TruncatedNormal(0, 1, -2, 2), 0, 1 - (4 * 0.05399096651318806 / 0.9544997361036416) },
        { new TruncatedNormal(0, 1, -50, 50), 0, 1 },
        { new Orthogonal(2), 0, 4.0 / 300 },
        { new Zeros(), 0, 0 },
        { new Ones(), 1, 0 },
        { new Constant(0.3), 0.3, 0 },
        { new FanInUniform(), 0, 1.0 / 900 },
        { new Measured(0.1, 0.2), 0.1, 0.2 },
    };

    [Theory, MemberData(nameof(Moments), DisableDiscoveryEnumeration = true)]
    public void Mean_and_variance_are_those_of_the_definition(Initializer initializer, double mean, double variance)
    {
        Assert.Equal(mean, initializer.Mean(s_fans), 1e-12);
        Assert.Equal(variance, initializer.Variance(s_fans), 1e-9);
    }
}
