namespace GradLint.SignalPropagation.Tests;

/// <summary>E g(m + s z), against what it is in closed form.</summary>
public class GaussianQuadratureTests
{
    private static readonly double[] s_none = [];

    [Fact]
    public void Powers_have_the_moments_of_a_Gaussian()
    {
        Assert.Equal(1, Mean(0, 1, s_none, _ => 1), 1e-14);
        Assert.Equal(0, Mean(0, 1, s_none, z => z), 1e-13);
        Assert.Equal(1, Mean(0, 1, s_none, z => z * z), 1e-11);
        Assert.Equal(105, Mean(0, 1, s_none, z => Math.Pow(z, 8)), 1e-8);
        Assert.Equal(Math.Exp(0.5), Mean(0, 1, s_none, Math.Exp), 1e-9);
    }

    /// <summary>E max(0, m + s z - k) = (m - k) Phi((m - k) / s) + s phi((m - k) / s).</summary>
    [Theory, InlineData(0, 1, 0.3), InlineData(0.4, 2, -1.7), InlineData(-3, 0.5, -2.9), InlineData(50, 20, 47)]
    public void No_panel_holds_a_kink(double mean, double deviation, double kink)
    {
        double t = (mean - kink) / deviation;
        double expected = ((mean - kink) * SpecialFunctions.NormalCumulative(t)) + (deviation * SpecialFunctions.NormalDensity(t));
        Assert.Equal(expected, Mean(mean, deviation, [kink], u => Math.Max(0, u - kink)), 1e-11 * deviation);
    }

    /// <summary>E sech^2(s z) = phi(0) (2/s - pi^2 / (12 s^3) + ...) for large s: all of it within a thousandth of the axis.</summary>
    [Theory, InlineData(0.0), InlineData(20.0)]
    public void A_bend_is_resolved_however_far_away_it_is_seen_from(double mean)
    {
        const double Deviation = 1000;
        double density = SpecialFunctions.NormalDensity(mean / Deviation);
        Assert.Equal(density * 2 / Deviation, Mean(mean, Deviation, s_none, u => 1 - (Math.Tanh(u) * Math.Tanh(u))), 1e-8);
    }

    [Fact]
    public void A_place_at_which_panels_meet_already_makes_no_new_one()
    {
        int without = GaussianQuadrature.For(0, 1, s_none).Nodes.Length;
        Assert.Equal(160, without); // from -9 to 9: at 0, +-1, +-1.5, +-2, +-3, +-4, +-5 and +-8
        Assert.Equal(without, GaussianQuadrature.For(0, 1, [0.0, 5.0, -9.0, 9.0, 20.0, -9.5]).Nodes.Length);
        Assert.Equal(without + 10, GaussianQuadrature.For(0, 1, [0.3]).Nodes.Length);
    }

    [Fact]
    public void Nodes_ascend_and_all_weights_count()
    {
        GaussianQuadrature rule = GaussianQuadrature.For(0.7, 3, [0.0, 2.5]);
        Assert.All(rule.Weights, weight => Assert.True(weight > 0));
        Assert.All(rule.Nodes.Zip(rule.Nodes.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        Assert.Equal(1, rule.Weights.Sum(), 1e-14);
    }

    private static double Mean(double mean, double deviation, double[] kinks, Func<double, double> g)
    {
        GaussianQuadrature rule = GaussianQuadrature.For(mean, deviation, kinks);
        return rule.Nodes.Zip(rule.Weights, (z, weight) => weight * g(mean + (deviation * z))).Sum();
    }
}
