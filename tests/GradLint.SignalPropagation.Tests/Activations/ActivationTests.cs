namespace GradLint.SignalPropagation.Tests;

/// <summary>The Gaussian moments of the activations, against closed forms and published values.</summary>
public class ActivationTests
{
    /// <summary>V, m and D at q = 1, to the three digits in which they are published.</summary>
    public static TheoryData<string, double, double, double> PublishedValues => new()
    {
        { "ReLU", 0.5, 0.399, 0.5 },
        { "ELU", 0.645, 0.161, 0.668 },
        { "SELU", 1, 0, 1.0716 },
        { "GELU", 0.425, 0.282, 0.456 },
        { "SiLU", 0.356, 0.207, 0.3795 },
        { "Mish", 0.452, 0.240, 0.479 },
        { "Softplus", 0.921, 0.806, 0.293 },
        { "Tanh", 0.394, 0, 0.464 },
        { "Sigmoid", 0.293, 0.5, 0.0448 },
    };

    public static TheoryData<string> All => [.. typeof(Activation).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Activation))).Select(type => type.Name)];

    [Theory, MemberData(nameof(PublishedValues))]
    public void Moments_at_q_1_are_the_published_ones(string name, double v, double m, double d)
    {
        Activation f = Named(name);
        Assert.Equal(v, f.V(1), 0.00051);
        Assert.Equal(m, f.M(1), 0.00051);
        Assert.Equal(d, f.D(1), 0.00051);
    }

    [Theory, InlineData(0, 0.3), InlineData(0.2, 5), InlineData(1.5, 1e-200), InlineData(0.01, 1e150)]
    public void LeakyReLU_has_its_closed_form_at_every_scale(double slope, double q)
    {
        LeakyReLU f = new(slope);
        double half = (1 + (slope * slope)) / 2;
        Assert.Equal(1, f.V(q) / (q * half), 1e-12);
        Assert.Equal(1, f.D(q) / half, 1e-12);
        Assert.Equal((1 - slope) / Math.Sqrt(2 * Math.PI), f.M(q) / Math.Sqrt(q), 1e-12);
    }

    [Fact]
    public void Closed_form_and_quadrature_agree_for_ReLU()
    {
        LeakyReLUMoments closed = new(0.1, 1, 0);
        QuadratureMoments quadrature = new(new LeakyReLU(0.1), 0, 1);
        foreach (double rho in new[] { -0.9, -0.7, 0, 0.3, 0.8, 1 })
        {
            Assert.Equal(closed.C(rho), quadrature.C(rho), 1e-3);
            Assert.Equal(closed.Dc(rho), quadrature.Dc(rho), 0.03);
            Assert.Equal(closed.SquareTwoPoint(rho), quadrature.SquareTwoPoint(rho), 1e-3);
            Assert.Equal(closed.SquaredSlopeTwoPoint(rho), quadrature.SquaredSlopeTwoPoint(rho), 0.03);
        }

        Assert.Equal(closed.MeanRatio, quadrature.MeanRatio, 1e-9);
        Assert.Equal(closed.SlopeRatio, quadrature.SlopeRatio, 1e-9);
        Assert.Equal(closed.CurvatureRatio, quadrature.CurvatureRatio, 1e-9);
        Assert.Equal(closed.SquareAndSlope, quadrature.SquareAndSlope, 1e-9);
        Assert.Equal(closed.LnVSlope, quadrature.LnVSlope, 1e-9);
        Assert.Equal(closed.LnDSlope, quadrature.LnDSlope, 1e-9);
    }

    [Fact]
    public void Erf_has_its_known_two_point_function()
    {
        // 2 Phi(x) - 1 has E f(u) f(u') = 2/pi asin(c / (1 + q)) (Williams 1997); sigmoid(1.702 x) is within 0.01 of Phi, GELU' involves Phi itself.
        Assert.Equal(0.8427007929497149, 1 - SpecialFunctions.Erfc(1), 1e-14);
        Assert.Equal(2.209049699858544e-05, SpecialFunctions.Erfc(3), 1e-18);
        Assert.Equal(1, SpecialFunctions.Erfc(10) / 2.0884875837625446e-45, 1e-12);
        Assert.Equal(1.9953222650189528, SpecialFunctions.Erfc(-2), 1e-14);
    }

    [Theory, MemberData(nameof(All))]
    public void Slopes_are_derivatives_of_values(string name)
    {
        Activation f = Named(name);
        foreach (double u in new[] { -7.3, -2.1, -0.83, -0.2, 0.11, 0.72, 1.9, 4.4, 8.2 })
        {
            double h = 1e-5;
            Assert.Equal((f.Value(u + h) - f.Value(u - h)) / (2 * h), f.Slope(u), 1e-5 * Math.Max(1, Math.Abs(f.Slope(u))));
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Moments_are_finite_and_consistent_at_every_scale(string name)
    {
        Activation f = Named(name);
        foreach (double lnQ in new[] { -2000.0, -900, -461, -459, -50, -1, 0, 1, 6, 12, 100, 459, 461, 2000 })
        {
            if (name is "Softmax" && lnQ > 6)
            {
                continue;
            }

            ActivationMoments at = f.Moments(lnQ, 0);
            Assert.False(double.IsNaN(at.LnV) || double.IsNaN(at.LnD), $"at ln q = {lnQ}");
            if (double.IsNegativeInfinity(at.LnV))
            {
                continue;
            }

            Assert.InRange(at.MeanRatio, -1 - 1e-9, 1 + 1e-9);
            Assert.Equal(1, at.C(1), 1e-9);
            Assert.InRange(at.C(0), (at.MeanRatio * at.MeanRatio) - 1e-6, (at.MeanRatio * at.MeanRatio) + 1e-6);
            Assert.True(at.SquareTwoPoint(1) >= 1 - 1e-9);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Moments_are_continuous_where_the_asymptotes_take_over(string name)
    {
        Activation f = Named(name);
        foreach (double edge in name is "Softmax" ? [-460.0] : new[] { -460.0, 460 })
        {
            ActivationMoments inside = f.Moments(edge - (Math.Sign(edge) * 1e-6), 0);
            ActivationMoments outside = f.Moments(edge + (Math.Sign(edge) * 1e-6), 0);
            Assert.True(Math.Abs(inside.LnV - outside.LnV) < 1e-4 || double.IsInfinity(outside.LnV), $"{inside.LnV} {outside.LnV}");
            Assert.True(Math.Abs(inside.LnD - outside.LnD) < 1e-4 || double.IsInfinity(outside.LnD), $"{inside.LnD} {outside.LnD}");
        }
    }

    [Fact]
    public void ELU_near_zero_does_not_cancel()
    {
        // ELU(x) = x + O(x^2): V(q) = q at 1e-30, where exp(x) - 1 would give 0 or 2.2e-16.
        Assert.Equal(1, new ELU().V(1e-30) / 1e-30, 1e-9);
        Assert.Equal(1.0507 * 1.0507 * (1 + (1.67326 * 1.67326)) / 2, Activation.SELU.V(1e-30) / 1e-30, 1e-4);
    }

    [Theory, InlineData("Tanh", 1), InlineData("Softsign", 1), InlineData("SELU", 1), InlineData("ReLU", 2)]
    public void The_fitting_initializer_keeps_the_signal(string name, double gain) =>
        Assert.Equal(gain, 100 * Named(name).FittingInitializer.Variance(new Fans(100, 100)), 1e-9);

    [Fact]
    public void The_fitting_initializer_of_LeakyReLU_takes_the_slope_into_account() =>
        Assert.Equal(2 / 1.25, 100 * new LeakyReLU(0.5).FittingInitializer.Variance(new Fans(100, 100)), 1e-12);

    internal static Activation Named(string name)
    {
        Type type = typeof(Activation).Assembly.GetType($"GradLint.SignalPropagation.{name}")!;
        System.Reflection.ConstructorInfo constructor = type.GetConstructors().OrderByDescending(one => one.GetParameters().Length).First();
        return (Activation)constructor.Invoke([.. constructor.GetParameters().Select(parameter => parameter.DefaultValue)]);
    }
}
