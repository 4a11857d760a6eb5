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
        { new KaimingUniform(2, FanMode.FanOut), 0, 2.0 / 5 / 100 },
        { new KaimingGain(5.0 / 3), 0, 25.0 / 9 / 300 },
        { new KaimingGain(5.0 / 3, FanMode.FanOut), 0, 25.0 / 9 / 100 },
        { new XavierNormal(), 0, 2.0 / 400 },
        { new XavierNormal(3), 0, 18.0 / 400 },
        { new XavierUniform(2), 0, 8.0 / 400 },
        { new Normal(), 0, 1 },
        { new Normal(0.5, 0.1), 0.5, 0.01 },
        { new Uniform(), 0.5, 1.0 / 12 },
        { new Uniform(-0.1, 0.1), 0, 0.04 / 12 },
        { new Uniform(1, 4), 2.5, 9.0 / 12 },
        { new TruncatedNormal(0, 1, -2, 2), 0, 1 - (4 * 0.05399096651318806 / 0.9544997361036416) },
        { new TruncatedNormal(0, 1, -50, 50), 0, 1 },
        { new TruncatedNormal(1, 2, 0, 5), 1.89148755655, 1.50637534453 }, // by numerical integration, as the next one
        { new TruncatedNormal(-0.5, 0.1, -0.6, 0.2), -0.471240002908, 0.00629686285676 },
        { new Orthogonal(2), 0, 4.0 / 300 },
        { new Zeros(), 0, 0 },
        { new Ones(), 1, 0 },
        { new Constant(0.3), 0.3, 0 },
        { new Dirac(), 0, 1.0 / 300 },
        { new FanInUniform(), 0, 1.0 / 900 },
        { new Measured(0.1, 0.2), 0.1, 0.2 },
    };

    [Theory, MemberData(nameof(Moments), DisableDiscoveryEnumeration = true)]
    public void Mean_and_variance_are_those_of_the_definition(Initializer initializer, double mean, double variance)
    {
        Assert.Equal(mean, initializer.Mean(s_fans), 1e-10);
        Assert.Equal(variance, initializer.Variance(s_fans), 1e-9);
        Assert.True(initializer.IsKnown);
    }

    [Fact]
    public void An_interval_that_is_hardly_one_has_no_variance_but_no_negative_one() =>
        Assert.InRange(new TruncatedNormal(0, 1, 0.5, 0.5 + 1e-9).Variance(s_fans), 0, 1e-6);

    [Fact]
    public void An_orthogonal_matrix_has_unit_vectors_along_its_larger_side()
    {
        Assert.Equal(1.0 / 100, new Orthogonal().Variance(new Fans(30, 100)), 1e-15);
        Assert.Equal(1.0 / 250, new Orthogonal().Variance(new Fans(30, 100) { LargerSide = 250 }), 1e-15);
    }

    [Fact]
    public void Only_what_keeps_a_norm_exactly_is_orthogonal()
    {
        Assert.True(new Orthogonal().IsOrthogonal);
        Assert.True(new Dirac().IsOrthogonal);
        Assert.False(new KaimingNormal().IsOrthogonal);
    }

    [Fact]
    public void What_is_not_understood_has_no_variance()
    {
        UnknownInitializer unknown = new("from a file");
        Assert.False(unknown.IsKnown);
        Assert.True(double.IsNaN(unknown.Variance(s_fans)));
    }
}
