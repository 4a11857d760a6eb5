namespace GradLint.SignalPropagation.Tests;

/// <summary>Moments of activations where a closed form says what they are.</summary>
public class MomentsTests
{
    private static readonly double[] s_correlations = [-1, -0.7, 0, 0.4, 0.95, 1];

    /// <summary>Of x itself Wick's theorem knows all, whatever the mean: the fields are in units of the roots of V and D.</summary>
    [Theory, InlineData(0.0, 1.0), InlineData(0.6, 0.8)]
    public void The_identity_has_the_moments_of_a_Gaussian(double mean, double deviation)
    {
        QuadratureMoments moments = new(Activation.Identity, mean, deviation);
        double s2 = deviation * deviation;
        double m2 = mean * mean;
        Assert.Equal(0, moments.LnV, 1e-9);
        Assert.Equal(0, moments.LnD, 1e-9);
        Assert.Equal(mean, moments.MeanRatio, 1e-9);
        Assert.Equal(1, moments.SlopeRatio, 1e-9);
        Assert.Equal(0, moments.CurvatureRatio, 1e-9);
        Assert.Equal(1, moments.SquareAndSlope, 1e-9);
        Assert.Equal(mean, moments.ValueAndSlope, 1e-9);
        Assert.Equal(mean, moments.ValueTimesSlope, 1e-9);
        Assert.Equal(s2, moments.LnVSlope, 1e-9);
        Assert.Equal(s2 - (s2 * s2), moments.LnVCurvature, 1e-9);
        Assert.Equal(0, moments.LnDSlope, 1e-9);
        Assert.Equal(0, moments.LnDCurvature, 1e-9);
        Assert.All(s_correlations, rho => Assert.Equal(m2 + (s2 * rho), moments.C(rho), 1e-9));
        Assert.All(s_correlations, rho => Assert.Equal(1, moments.Dc(rho), 1e-9));
        Assert.All(s_correlations, rho => Assert.Equal(1 + (4 * m2 * s2 * rho) + (2 * s2 * s2 * rho * rho), moments.SquareTwoPoint(rho), 1e-8));
        Assert.All(s_correlations, rho => Assert.Equal(1, moments.SquaredSlopeTwoPoint(rho), 1e-9));
    }

    /// <summary>E exp(a u) = exp(a^2 q / 2): V = D = exp(2q), and ln V has a slope of 2q and a curvature of 2q.</summary>
    [Fact]
    public void The_exponential_has_the_moments_of_a_lognormal()
    {
        const double Q = 0.25;
        ActivationMoments moments = Activation.Softmax.Moments(Math.Log(Q), 0);
        Assert.Equal(2 * Q, moments.LnV, 1e-9);
        Assert.Equal(2 * Q, moments.LnD, 1e-9);
        Assert.Equal(Math.Exp(-0.5 * Q), moments.MeanRatio, 1e-9);
        Assert.Equal(Math.Exp(-0.5 * Q), moments.SlopeRatio, 1e-9);
        Assert.Equal(Math.Sqrt(Q) * Math.Exp(-0.5 * Q), moments.CurvatureRatio, 1e-9);
        Assert.Equal(Math.Exp(4 * Q), moments.SquareAndSlope, 1e-8);
        Assert.Equal(Math.Exp(1.5 * Q), moments.ValueAndSlope, 1e-8);
        Assert.Equal(1, moments.ValueTimesSlope, 1e-9);
        Assert.Equal(2 * Q, moments.LnVSlope, 1e-8);
        Assert.Equal(2 * Q, moments.LnDSlope, 1e-8);
        Assert.Equal(2 * Q, moments.LnVCurvature, 1e-7);
        Assert.Equal(2 * Q, moments.LnDCurvature, 1e-7);
        foreach (double rho in s_correlations)
        {
            Assert.Equal(Math.Exp(Q * (rho - 1)), moments.C(rho), 1e-8);
            Assert.Equal(Math.Exp(Q * (rho - 1)), moments.Dc(rho), 1e-8);
            Assert.Equal(Math.Exp(4 * Q * rho), moments.SquareTwoPoint(rho), 1e-7);
            Assert.Equal(Math.Exp(4 * Q * rho), moments.SquaredSlopeTwoPoint(rho), 1e-7);
        }
    }

    /// <summary>ReLU at the correlations at which the arc-cosine kernels (Cho and Saul 2009) are plain numbers.</summary>
    [Fact]
    public void ReLU_has_the_arc_cosine_kernels()
    {
        ActivationMoments relu = Activation.ReLU.Moments(Math.Log(4), 0);
        Assert.Equal(Math.Log(2), relu.LnV, 1e-12);
        Assert.Equal(Math.Log(0.5), relu.LnD, 1e-12);
        Assert.Equal(1 / Math.Sqrt(Math.PI), relu.MeanRatio, 1e-12);
        Assert.Equal(Math.Sqrt(0.5), relu.SlopeRatio, 1e-12);
        Assert.Equal(1 / Math.Sqrt(Math.PI), relu.CurvatureRatio, 1e-12);
        Assert.Equal(2, relu.SquareAndSlope, 1e-12);
        Assert.Equal(2 / Math.Sqrt(Math.PI), relu.ValueAndSlope, 1e-12);
        Assert.Equal(Math.Sqrt(2 / Math.PI), relu.ValueTimesSlope, 1e-12);
        Assert.Equal((1, 0, 0, 0), (relu.LnVSlope, relu.LnDSlope, relu.LnVCurvature, relu.LnDCurvature));
        Assert.Equal(0, relu.C(-1), 1e-12);
        Assert.Equal(1 / Math.PI, relu.C(0), 1e-12);
        Assert.Equal(1, relu.C(1), 1e-12);
        Assert.Equal((Math.Sqrt(0.75) + (Math.PI / 3)) / Math.PI, relu.C(0.5), 1e-12);
        Assert.Equal(2.0 / 3, relu.Dc(0.5), 1e-12);
        Assert.Equal((0.0, 0.5, 1.0), (relu.Dc(-1), relu.Dc(0), relu.Dc(1)));
        Assert.Equal(6, relu.SquareTwoPoint(1), 1e-12);
        Assert.Equal(1, relu.SquareTwoPoint(0), 1e-12);
        Assert.Equal(4 * ((1.5 * Math.Sqrt(0.75)) + Math.PI) / (2 * Math.PI), relu.SquareTwoPoint(0.5), 1e-12);
        Assert.Equal(2, relu.SquaredSlopeTwoPoint(1), 1e-12);
        Assert.Equal(4.0 / 3, relu.SquaredSlopeTwoPoint(0.5), 1e-12);
    }

    /// <summary>a relu(x) - b relu(-x) by its two halves: E f^k f'^l is the mean of those on either side.</summary>
    [Theory, InlineData(0.3), InlineData(-0.5), InlineData(3)]
    public void LeakyReLU_is_two_halves(double slope)
    {
        ActivationMoments leaky = new LeakyReLU(slope).Moments(0, 0);
        double v = (1 + (slope * slope)) / 2;
        double half = 1 / Math.Sqrt(2 * Math.PI); // E relu(z)
        Assert.Equal((1 + Math.Pow(slope, 4)) / 2 / (v * v), leaky.SquareAndSlope, 1e-12);
        Assert.Equal((1 - Math.Pow(slope, 3)) * half / (v * Math.Sqrt(v)), leaky.ValueAndSlope, 1e-12);
        Assert.Equal((1 - (slope * slope)) * half / v, leaky.ValueTimesSlope, 1e-12);
        Assert.Equal((1 + slope) / 2 / Math.Sqrt(v), leaky.SlopeRatio, 1e-12);
        Assert.Equal((1 - slope) * half / Math.Sqrt(v), leaky.CurvatureRatio, 1e-12);
        Assert.Equal(3 * (1 + Math.Pow(slope, 4)) / 2 / (v * v), leaky.SquareTwoPoint(1), 1e-12);
        Assert.Equal(3 * slope * slope / (v * v), leaky.SquareTwoPoint(-1), 1e-12);
        Assert.Equal(1, leaky.SquareTwoPoint(0), 1e-12);
        Assert.Equal((1 + Math.Pow(slope, 4)) / 2 / (v * v), leaky.SquaredSlopeTwoPoint(1), 1e-12);
        Assert.Equal(slope * slope / (v * v), leaky.SquaredSlopeTwoPoint(-1), 1e-12);
        Assert.Equal(1, leaky.C(1), 1e-12);
        Assert.Equal(-slope / v, leaky.C(-1), 1e-12);
        Assert.Equal(1, leaky.Dc(1), 1e-12);
        Assert.Equal(slope / v, leaky.Dc(-1), 1e-12);
    }

    /// <summary>E tanh, E tanh^2 and E sech^4 of N(m, s^2), by plain summation on a fine grid.</summary>
    [Theory, InlineData(0.7, 0.4), InlineData(-2.0, 1.5)]
    public void A_mean_other_than_0_is_taken_along(double mean, double deviation)
    {
        double q = (mean * mean) + (deviation * deviation);
        ActivationMoments moments = Activation.Tanh.Moments(Math.Log(q), mean / Math.Sqrt(q));
        double v = Sum(z => Square(Math.Tanh(mean + (deviation * z))));
        double d = Sum(z => Square(1 - Square(Math.Tanh(mean + (deviation * z)))));
        Assert.Equal(Math.Log(v), moments.LnV, 1e-8);
        Assert.Equal(Math.Log(d), moments.LnD, 1e-8);
        Assert.Equal(Sum(z => Math.Tanh(mean + (deviation * z))) / Math.Sqrt(v), moments.MeanRatio, 1e-8);
        Assert.Equal(Sum(z => z * (1 - Square(Math.Tanh(mean + (deviation * z))))) / Math.Sqrt(d), moments.CurvatureRatio, 1e-8);
    }

    /// <summary>E relu(m + s z) = m Phi(m/s) + s phi(m/s): no scale, so that only m / sqrt q matters.</summary>
    [Theory, InlineData(0.0), InlineData(-1500.0), InlineData(1500.0)]
    public void The_ReLU_family_has_no_scale_at_any_mean(double lnQ)
    {
        ActivationMoments moments = Activation.ReLU.Moments(lnQ, 0.6);
        double cumulative = SpecialFunctions.NormalCumulative(0.75);
        double mean = (0.6 * cumulative) + (0.8 * SpecialFunctions.NormalDensity(0.75));
        double square = cumulative + (0.6 * 0.8 * SpecialFunctions.NormalDensity(0.75)); // (m^2 + s^2) Phi + m s phi
        Assert.Equal(lnQ + Math.Log(square), moments.LnV, 1e-8);
        Assert.Equal(Math.Log(cumulative), moments.LnD, 1e-8);
        Assert.Equal(mean / Math.Sqrt(square), moments.MeanRatio, 1e-8);
    }

    [Theory]
    [InlineData("GELU", 1000.0, 1, 0), InlineData("Mish", 1000.0, 1, 0), InlineData("LogSigmoid", 1000.0, 1, 0), InlineData("Softshrink", 1000.0, 1, 0)] // linear on a side: V grows as q, D stays
    [InlineData("Tanh", 1000.0, 0, -0.5), InlineData("Sigmoid", 1000.0, 0, -0.5), InlineData("Hardtanh", 1000.0, 0, -0.5)] // saturated: the units still on the slope thin out
    [InlineData("Tanh", -1000.0, 1, 0), InlineData("ELU", -1000.0, 1, 0), InlineData("GELU", -1000.0, 1, 0)] // f(0) = 0: linear
    [InlineData("Sigmoid", -1000.0, 0, 0), InlineData("Softplus", -1000.0, 0, 0)] // f(0) != 0: constant
    public void Far_away_and_very_near_only_the_asymptotes_matter(string name, double lnQ, double ofV, double ofD)
    {
        double edge = Math.Sign(lnQ) * 460;
        ActivationMoments at = ActivationTests.Named(name).Moments(edge, 0);
        ActivationMoments beyond = ActivationTests.Named(name).Moments(lnQ, 0);
        Assert.Equal(ofV * (lnQ - edge), beyond.LnV - at.LnV, 1e-9);
        Assert.Equal(ofD * (lnQ - edge), beyond.LnD - at.LnD, 1e-9);
        Assert.Equal(at.MeanRatio, beyond.MeanRatio);
        Assert.Equal((at.SlopeRatio, at.CurvatureRatio, at.SquareAndSlope, at.ValueAndSlope, at.ValueTimesSlope), (beyond.SlopeRatio, beyond.CurvatureRatio, beyond.SquareAndSlope, beyond.ValueAndSlope, beyond.ValueTimesSlope));
        Assert.Equal((at.LnVSlope, at.LnDSlope, at.LnVCurvature, at.LnDCurvature), (beyond.LnVSlope, beyond.LnDSlope, beyond.LnVCurvature, beyond.LnDCurvature));
        Assert.Equal((at.C(0.3), at.Dc(0.3), at.SquareTwoPoint(0.3), at.SquaredSlopeTwoPoint(0.3)), (beyond.C(0.3), beyond.Dc(0.3), beyond.SquareTwoPoint(0.3), beyond.SquaredSlopeTwoPoint(0.3)));
    }

    [Fact]
    public void Inside_a_dead_zone_nothing_passes()
    {
        ActivationMoments dead = new Hardshrink().Moments(-1000, 0);
        Assert.Equal((double.NegativeInfinity, double.NegativeInfinity), (dead.LnV, dead.LnD));
        Assert.Equal((0, 0, 0, 0, 0), (dead.MeanRatio, dead.SlopeRatio, dead.CurvatureRatio, dead.ValueAndSlope, dead.ValueTimesSlope));
        Assert.Equal((0, 0, 0, 0), (dead.LnVSlope, dead.LnDSlope, dead.LnVCurvature, dead.LnDCurvature));
        Assert.Equal((0, 0, 1, 1, 1), (dead.C(1), dead.Dc(1), dead.SquareTwoPoint(1), dead.SquaredSlopeTwoPoint(1), dead.SquareAndSlope));
    }

    /// <summary>Between two second moments that are near each other the curve is a cubic: hardly to be told from the curve itself.</summary>
    [Fact]
    public void Between_two_scales_moments_are_interpolated()
    {
        ActivationMoments low = Activation.Tanh.Moments(0, 0);
        ActivationMoments high = Activation.Tanh.Moments(0.5, 0);
        ActivationMoments third = Activation.Tanh.Moments(0.15, 0);
        InterpolatedMoments between = new(low, high, 0.3, 0.5);
        Assert.Equal(third.LnV, between.LnV, 1e-5);
        Assert.Equal(third.LnD, between.LnD, 1e-5);
        Func<ActivationMoments, double>[] linear =
        [
            at => at.MeanRatio, at => at.SlopeRatio, at => at.CurvatureRatio, at => at.SquareAndSlope, at => at.ValueAndSlope, at => at.ValueTimesSlope, at => at.LnVSlope, at => at.LnDSlope,
            at => at.LnVCurvature, at => at.LnDCurvature, at => at.C(0.4), at => at.Dc(0.4), at => at.SquareTwoPoint(0.4), at => at.SquaredSlopeTwoPoint(0.4),
        ];
        Assert.All(linear, of => Assert.Equal((0.7 * of(low)) + (0.3 * of(high)), of(between), 1e-12));
        Assert.Equal((low.LnV, high.LnD), (new InterpolatedMoments(low, high, 0, 0.5).LnV, new InterpolatedMoments(low, high, 1, 0.5).LnD));
    }

    [Fact]
    public void The_slope_of_a_correlation_map_is_one_sided_at_its_ends()
    {
        Assert.Equal(3, ActivationMoments.SlopeOf(rho => rho * rho * rho, 1), 0.01);
        Assert.Equal(3, ActivationMoments.SlopeOf(rho => rho * rho * rho, -1), 0.01);
        Assert.Equal(0.75, ActivationMoments.SlopeOf(rho => rho * rho * rho, 0.5), 1e-5);
    }

    /// <summary>A correlation that rounding pushed out of [-1, 1] is at its end.</summary>
    [Theory, InlineData("ReLU"), InlineData("Tanh")]
    public void Correlations_end_at_1(string name)
    {
        ActivationMoments moments = ActivationTests.Named(name).Moments(0, 0);
        Assert.All(
            new Func<double, double>[] { moments.C, moments.Dc, moments.SquareTwoPoint, moments.SquaredSlopeTwoPoint },
            map => Assert.Equal((map(1), map(-1)), (map(1 + 1e-9), map(-1 - 1e-9))));
    }

    private static double Square(double x) => x * x;

    private static double Sum(Func<double, double> g) => Enumerable.Range(-4500, 9001).Sum(i => g(i * 0.002) * SpecialFunctions.NormalDensity(i * 0.002) * 0.002);
}
