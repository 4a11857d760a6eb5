namespace GradLint.SignalPropagation.Tests;

/// <summary>Values and slopes at the places where definitions differ: at kinks, near 0, far out, and with other parameters than the default.</summary>
public class ActivationValueTests
{
    [Fact]
    public void Parameters_shape_the_function()
    {
        IsClose(2 * (Math.Exp(-0.5) - 1), new CELU(2).Value(-1));
        IsClose(Math.Exp(-0.5), new CELU(2).Slope(-1));
        IsClose(2 * (Math.Exp(-1) - 1), new ELU(2).Value(-1));
        IsClose(2 * Math.Exp(-1), new ELU(2).Slope(-1));
        IsClose(Math.Log(1 + Math.Exp(2)) / 2, new Softplus(2).Value(1));
        IsClose(-0.6, new PReLU(0.3).Value(-2));
        IsClose(Math.Sqrt(7.0 / 3), -new RReLU(1, 2).Value(-1)); // E a^2 of U(1, 2)
        IsClose(Math.Sqrt(7.0 / 3), new RReLU(1, 2).Slope(-1));
        IsClose(Math.Sqrt(7.0 / 3), new RReLU(1, 2).LeftSlope);
    }

    [Theory, InlineData(2, 1.5), InlineData(-2, -1.5), InlineData(0.4, 0), InlineData(-0.4, 0), InlineData(0.5, 0), InlineData(-0.5, 0)]
    public void Softshrink_moves_towards_zero(double u, double value) => Assert.Equal(value, new Softshrink().Value(u));

    [Theory, InlineData(2, 2), InlineData(-2, -2), InlineData(0.5, 0), InlineData(-0.5, 0)]
    public void Hardshrink_cuts_out_the_centre_with_its_ends(double u, double value) => Assert.Equal(value, new Hardshrink().Value(u));

    /// <summary>As autograd has it: where the derivative jumps, the value from the inside of a threshold.</summary>
    [Fact]
    public void Slopes_at_kinks_are_those_of_autograd()
    {
        Assert.Equal((0, 0.1, 0.25, 1), (Activation.ReLU.Slope(0), new LeakyReLU(0.1).Slope(0), new PReLU().Slope(0), new ELU().Slope(0)));
        Assert.Equal((0, 0), (Activation.ReLU6.Slope(0), Activation.ReLU6.Slope(6)));
        Assert.Equal((0, 0), (new Hardtanh().Slope(-1), new Hardtanh().Slope(1)));
        Assert.Equal((0, 1), (Activation.Hardswish.Slope(-3), Activation.Hardswish.Slope(3)));
        Assert.Equal((0, 0), (Activation.Hardsigmoid.Slope(-3), Activation.Hardsigmoid.Slope(3)));
        Assert.Equal((0, 0), (new Hardshrink().Slope(0.5), new Softshrink().Slope(-0.5)));
        Assert.Equal(2 * Math.Exp(0), new ELU(2).Slope(0));
        IsClose(1.0507009873554805 * 1.6732632423543772, Activation.SELU.Slope(0));
    }

    [Fact]
    public void Kinks_are_where_slopes_jump()
    {
        Assert.Equal([-0.25, 0.25], new Hardshrink(0.25).Kinks);
        Assert.Equal([-0.25, 0.25], new Softshrink(0.25).Kinks);
        Assert.Equal([-3, 3], Activation.Hardswish.Kinks);
        Assert.Equal([-3, 3], Activation.Hardsigmoid.Kinks);
        Assert.Equal([0, 6], Activation.ReLU6.Kinks);
        Assert.Equal([-2, 5], new Hardtanh(-2, 5).Kinks);
        Assert.All(new[] { Activation.ReLU, new LeakyReLU(), new PReLU(), new RReLU(), new ELU(), new CELU(), Activation.SELU, Activation.Softsign }, f => Assert.Equal([0], f.Kinks));
    }

    /// <summary>x - tanh x = x^3/3 - 2 x^5/15 + ..., where the difference would have lost all digits.</summary>
    [Theory, InlineData(1e-8, 3.3333333333333333e-25), InlineData(9e-4, 2.42999921268e-10), InlineData(-9e-4, -2.42999921268e-10), InlineData(1.5, 0.5948517463551534)]
    public void Tanhshrink_does_not_cancel(double u, double value) => Assert.Equal(value, Activation.Tanhshrink.Value(u), 1e-9 * Math.Abs(value));

    [Theory, InlineData("GELU"), InlineData("GELUTanh"), InlineData("SiLU"), InlineData("Mish")]
    public void Far_to_the_right_a_gate_is_open_and_far_to_the_left_closed(string name)
    {
        Activation f = ActivationTests.Named(name);
        foreach (double u in new[] { 50.0, 1e3, 1e160 })
        {
            IsClose(1, f.Value(u) / u);
            IsClose(1, f.Slope(u));
            Assert.Equal(0, f.Value(-u), 1e-15);
            Assert.Equal(0, f.Slope(-u), 1e-15);
        }
    }

    [Fact]
    public void The_ReLU_family_has_no_scale_and_the_others_have_one()
    {
        Assert.All(new[] { Activation.ReLU, new LeakyReLU(), new PReLU(), new RReLU(), Activation.Identity }, f => Assert.True(f.IsHomogeneous));
        Assert.All(new[] { Activation.Tanh, new ELU(), Activation.GELU, Activation.ReLU6 }, f => Assert.False(f.IsHomogeneous));
        Assert.All(new[] { Activation.Tanh, Activation.Softsign, new Hardtanh() }, f => Assert.True(f.IsOddAndSaturates));
        Assert.All(new[] { Activation.ReLU, Activation.Sigmoid, new Hardtanh(-1, 2), Activation.Tanhshrink }, f => Assert.False(f.IsOddAndSaturates));
    }

    /// <summary>E relu(u) relu(u') = q / 2pi and E relu'(u) relu'(u') = 1/4 for independent u, and at the same u a half.</summary>
    [Fact]
    public void Two_point_functions_take_the_covariance()
    {
        IsClose(3 / (2 * Math.PI), Activation.ReLU.C(3, 0));
        IsClose(1.5, Activation.ReLU.C(3, 3));
        IsClose(0.25, Activation.ReLU.Dc(3, 0));
        IsClose(0.5, Activation.ReLU.Dc(3, 3));
        IsClose(2.0 / 6, Activation.ReLU.Dc(3, 1.5)); // pi - acos 1/2 over 2 pi
    }

    /// <summary>Where q is kept by g V(q) = q and the gradient by g D(q) = 1; tanh and its like only near 0, and with no such q at q = 1.</summary>
    [Theory, InlineData("ELU"), InlineData("Mish"), InlineData("Softplus"), InlineData("Sigmoid"), InlineData("LogSigmoid"), InlineData("Tanhshrink"), InlineData("GELU"), InlineData("SiLU"), InlineData("Hardswish")]
    public void The_fitting_gain_keeps_the_gradient(string name)
    {
        Activation f = ActivationTests.Named(name);
        double gain = CriticalGain.Of(f);
        double[] scales = [.. Enumerable.Range(-70, 141).Select(i => i * 0.1)];
        double[] excess = [.. scales.Select(lnQ => lnQ + f.Moments(lnQ, 0).LnD - f.Moments(lnQ, 0).LnV)];
        int crossing = Enumerable.Range(0, 140).FirstOrDefault(i => excess[i] < 0 && excess[i + 1] >= 0, -1);
        double at = crossing < 0 ? 0 : scales[crossing] + (0.1 * excess[crossing] / (excess[crossing] - excess[crossing + 1]));
        Assert.Equal(1, gain * f.D(Math.Exp(at)), 0.001);
        IsClose(gain, 100 * f.FittingInitializer.Variance(new Fans(100, 100)));
    }

    private static void IsClose(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * Math.Max(1e-3, Math.Abs(expected)));
}
