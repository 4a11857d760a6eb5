namespace GradLint.SignalPropagation.Tests;

/// <summary>E g(z) g(z') at correlation rho, against what it is in closed form.</summary>
public class HermiteExpansionTests
{
    private static readonly double[] s_correlations = [-1, -0.6, 0, 0.3, 0.9, 1];

    [Fact]
    public void Polynomials_have_the_two_point_functions_of_Wick()
    {
        HermiteExpansion[] powers = Of(_ => 2, z => z, z => z * z, z => z * z * z);
        foreach (double rho in s_correlations)
        {
            Assert.Equal(4, powers[0].TwoPoint(rho), 1e-9);
            Assert.Equal(rho, powers[1].TwoPoint(rho), 1e-9);
            Assert.Equal(1 + (2 * rho * rho), powers[2].TwoPoint(rho), 1e-9);
            Assert.Equal((9 * rho) + (6 * rho * rho * rho), powers[3].TwoPoint(rho), 1e-8);
        }
    }

    /// <summary>E exp(z) exp(z') = exp(1 + rho).</summary>
    [Fact]
    public void The_exponential_has_all_degrees()
    {
        HermiteExpansion exponential = Of(Math.Exp)[0];
        Assert.All(s_correlations, rho => Assert.Equal(Math.Exp(1 + rho), exponential.TwoPoint(rho), 1e-7));
        Assert.Equal(Math.Exp(2), exponential.SecondMoment, 1e-7);
    }

    /// <summary>E sign z sign z' = 2/pi asin rho (Sheppard 1899).</summary>
    [Theory, InlineData(-0.8), InlineData(-0.5), InlineData(0.0), InlineData(0.5), InlineData(0.8), InlineData(1.0)]
    public void A_step_has_its_arcsine(double rho) => Assert.Equal(2 / Math.PI * Math.Asin(rho), Of(z => Math.Sign(z))[0].TwoPoint(rho), 1e-5);

    [Fact]
    public void The_degrees_that_are_left_out_count_where_samples_are_the_same_and_only_there()
    {
        HermiteExpansion step = Of(z => Math.Sign(z))[0];
        Assert.Equal(1, step.TwoPoint(1 - 1e-9), 1e-6);
        Assert.InRange(step.TwoPoint(0.95), 2 / Math.PI * Math.Asin(0.95) - 0.02, 2 / Math.PI * Math.Asin(0.95) + 0.02);
        Assert.Equal(-Explained(), step.TwoPoint(-1), 1e-9);
        Assert.Equal(-step.TwoPoint(-1), step.TwoPoint(1) - Tail(step), 1e-12);
    }

    // The series of 2/pi asin 1 up to degree 39: the sum over n < 20 of 2/pi (2n - 1)!! / ((2n)!! (2n + 1)).
    private static double Explained()
    {
        double factor = 2 / Math.PI;
        double sum = 0;
        for (int n = 0; n < 20; n++)
        {
            sum += factor / ((2 * n) + 1);
            factor *= ((2 * n) + 1.0) / ((2 * n) + 2);
        }

        return sum;
    }

    // Of an odd function only the tail does not change its sign with rho.
    private static double Tail(HermiteExpansion odd) => (odd.TwoPoint(0.99) + odd.TwoPoint(-0.99)) / Math.Pow(0.99, 80);

    private static HermiteExpansion[] Of(params Func<double, double>[] functions)
    {
        GaussianQuadrature rule = GaussianQuadrature.For(0, 1, [0.0]);
        return HermiteExpansion.Of(rule, [.. functions.Select(g => rule.Nodes.Select(g).ToArray())]);
    }
}
