namespace GradLint.SignalPropagation.Tests;

/// <summary>The moments where all units share a random part of a fixed size or a Gaussian one.</summary>
public class CommonModeMomentsTests
{
    [Fact]
    public void Where_there_is_no_common_part_the_moments_are_Gaussian()
    {
        Signal signal = new() { Shape = Shape.Vector(64), Axis = UnitAxis.Last, LnQ = 1 };
        Assert.Null(CommonMode.Of(Activation.Tanh, signal, Activation.Tanh.Moments(1, 0)));
        Assert.Null(CommonMode.Of(Activation.ReLU, signal with { UnitCorrelation = 0.9 }, Activation.ReLU.Moments(1, 0)));
    }

    /// <summary>E f^2 does not depend on how the Gaussian is shared among the units, as long as it is one.</summary>
    [Fact]
    public void A_Gaussian_common_part_leaves_the_moments_of_a_unit_as_they_are()
    {
        ActivationMoments gaussian = Activation.Tanh.Moments(1, 0);
        CommonMode common = CommonMode.Of(Activation.Tanh, new Signal { Shape = Shape.Vector(64), Axis = UnitAxis.Last, LnQ = 1, UnitCorrelation = 0.5 }, gaussian)!;
        Assert.Equal(gaussian.LnV, common.LnV, 1e-3);
        Assert.Equal(gaussian.LnD, common.LnD, 1e-3);
        Assert.Equal(gaussian.LnVSlope, common.LnVSlope, 1e-3);
        Assert.Equal(gaussian.C(0.5), common.UnitCorrelation, 1e-3);
        Assert.InRange(common.Size, 0.1, 0.9);
    }

    /// <summary>All units are alike and of the same size in every sample, +-1: nothing is left to chance but the sign.</summary>
    [Fact]
    public void Where_units_share_all_but_the_sign_the_moments_are_the_values()
    {
        ActivationMoments gaussian = Activation.Tanh.Moments(0, 0);
        CommonMode common = CommonMode.Of(Activation.Tanh, Shared(1, size: 1), gaussian)!;
        double value = Math.Tanh(1);
        double slope = 1 - (value * value);
        Assert.Equal(2 * Math.Log(value), common.LnV, 1e-5);
        Assert.Equal(2 * Math.Log(slope), common.LnD, 1e-5);
        Assert.Equal(1, common.SquareAndSlope, 1e-5);
        Assert.Equal(slope / value, common.LnVSlope, 1e-5);
        Assert.Equal(1, common.UnitCorrelation, 1e-5);
        Assert.Equal(1, common.Size, 1e-3);
        Assert.Equal(0.25 * Math.Pow(gaussian.LnD - common.LnD, 2), common.Doubt, 1e-12);
    }

    /// <summary>c = +-sqrt 0.8 and d of variance 0.2: the moments of tanh(c + d), by plain summation.</summary>
    [Fact]
    public void What_each_unit_has_of_its_own_is_Gaussian_around_the_common_part()
    {
        CommonMode common = CommonMode.Of(Activation.Tanh, Shared(0.8, size: 1), Activation.Tanh.Moments(0, 0))!;
        double v = Sum(u => Math.Tanh(u) * Math.Tanh(u));
        double d = Sum(u => Math.Pow(1 - (Math.Tanh(u) * Math.Tanh(u)), 2));
        double mean = Sum(Math.Tanh);
        Assert.Equal(Math.Log(v), common.LnV, 1e-6);
        Assert.Equal(Math.Log(d), common.LnD, 1e-6);
        Assert.Equal(mean * mean / v, common.UnitCorrelation, 1e-6);
        Assert.Equal(Sum(u => Math.Pow(Math.Tanh(u) * (1 - (Math.Tanh(u) * Math.Tanh(u))), 2)) / (v * d), common.SquareAndSlope, 1e-6);
        Assert.Equal(Sum(u => Math.Tanh(u) * (1 - (Math.Tanh(u) * Math.Tanh(u))) * u) / v, common.LnVSlope, 1e-6);

        static double Sum(Func<double, double> g) =>
            Enumerable.Range(-4000, 8001).Sum(i => g(Math.Sqrt(0.8) + (Math.Sqrt(0.2) * i * 0.002)) * SpecialFunctions.NormalDensity(i * 0.002) * 0.002);
    }

    [Fact]
    public void A_common_part_of_half_the_size_stays_between_the_sign_and_the_Gaussian()
    {
        ActivationMoments gaussian = Activation.Tanh.Moments(0, 0);
        double[] sizes = [.. new[] { 0, 0.5, 1 }.Select(size => CommonMode.Of(Activation.Tanh, Shared(0.9, size), gaussian)!.LnD)];
        Assert.True(sizes[0] > sizes[1] && sizes[1] > sizes[2]);
    }

    [Fact]
    public void Only_an_odd_function_that_saturates_has_one_and_only_within_its_scale()
    {
        Assert.Null(Of(Activation.Sigmoid, Shared(0.9, 0)));
        Assert.NotNull(Of(Activation.Softsign, Shared(0.9, 0)));
        Assert.NotNull(Of(new Hardtanh(), Shared(0.9, 0)));
        Assert.Null(Of(new Hardtanh(0, 1), Shared(0.9, 0)));
        Assert.Null(Of(Activation.Tanh, Shared(0.05, 0)));
        Assert.NotNull(Of(Activation.Tanh, Shared(0.051, 0)));
        Assert.Null(Of(Activation.Tanh, Shared(0.9, 0) with { MeanRatio = -0.01 }));
        Assert.NotNull(Of(Activation.Tanh, Shared(0.9, 0) with { MeanRatio = -0.009 }));
        Assert.Null(Of(Activation.Tanh, Shared(0.9, 0) with { LnQ = 460 }));
        Assert.Null(Of(Activation.Tanh, Shared(0.9, 0) with { LnQ = -460 }));
        Assert.NotNull(Of(Activation.Tanh, Shared(0.9, 0) with { LnQ = 400 }));
    }

    [Fact]
    public void What_two_samples_share_is_that_of_the_Gaussian()
    {
        ActivationMoments gaussian = Activation.Tanh.Moments(0, 0);
        CommonMode common = CommonMode.Of(Activation.Tanh, Shared(0.9, 0.5), gaussian)!;
        Assert.Equal((gaussian.MeanRatio, gaussian.SlopeRatio, gaussian.CurvatureRatio, gaussian.ValueAndSlope, gaussian.ValueTimesSlope), (common.MeanRatio, common.SlopeRatio, common.CurvatureRatio, common.ValueAndSlope, common.ValueTimesSlope));
        Assert.Equal((gaussian.C(0.3), gaussian.Dc(0.3), gaussian.SquareTwoPoint(0.3), gaussian.SquaredSlopeTwoPoint(0.3)), (common.C(0.3), common.Dc(0.3), common.SquareTwoPoint(0.3), common.SquaredSlopeTwoPoint(0.3)));
        Assert.Equal((gaussian.LnDSlope, 0, 0), (common.LnDSlope, common.LnVCurvature, common.LnDCurvature));
    }

    private static CommonMode? Of(Activation function, Signal u) => CommonMode.Of(function, u, function.Moments(0, 0));

    private static Signal Shared(double correlation, double size) =>
        new() { Shape = Shape.Vector(64), Axis = UnitAxis.Last, LnQ = 0, UnitCorrelation = correlation, CommonSize = size };
}
