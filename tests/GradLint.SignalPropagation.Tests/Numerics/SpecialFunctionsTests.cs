namespace GradLint.SignalPropagation.Tests;

/// <summary>The elementary functions, against their values to all the digits that a double holds, also where the plain formulas cancel.</summary>
public class SpecialFunctionsTests
{
    private const double EulerGamma = 0.57721566490153286;

    [Theory, InlineData(0, 0), InlineData(1e-7, 1.0000000500000016e-07), InlineData(-9e-6, -8.999959500121499e-06), InlineData(9e-6, 9.000040500121501e-06), InlineData(1.1e-5, 1.1000060500221833e-05)]
    [InlineData(1e-3, 0.0010005001667083417), InlineData(0.7, 1.0137527074704764), InlineData(-0.7, -0.5034146962085905), InlineData(1, 1.718281828459045), InlineData(-3, -0.950212931632136)]
    [InlineData(-800, -1), InlineData(800, double.PositiveInfinity)]
    public void Exp_minus_1_does_not_cancel(double x, double expected) => IsClose(expected, SpecialFunctions.ExpM1(x));

    [Theory, InlineData(0, 0), InlineData(1e-20, 1e-20), InlineData(1e-9, 9.999999995e-10), InlineData(0.3, 0.26236426446749106), InlineData(-0.4, -0.5108256237659907)]
    public void The_logarithm_of_1_plus_x_does_not_cancel(double x, double expected) => IsClose(expected, SpecialFunctions.LogP1(x));

    [Theory, InlineData(0, 0, 0.6931471805599453), InlineData(3, 1, 3.1269280110429727), InlineData(1, 3, 3.1269280110429727), InlineData(1000, 0, 1000), InlineData(-2000, -2000, -1999.3068528194400547)]
    [InlineData(5, double.NegativeInfinity, 5), InlineData(double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity), InlineData(double.PositiveInfinity, 5, double.PositiveInfinity)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity)]
    public void Logarithms_are_added_without_leaving_the_range(double a, double b, double expected) => IsClose(expected, SpecialFunctions.LogAdd(a, b));

    /// <summary>psi(n) = 1 + 1/2 + ... + 1/(n-1) - gamma.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(7), InlineData(8), InlineData(9), InlineData(30)]
    public void The_typical_logarithm_of_a_gamma_variable_is_that_of_harmonic_numbers(int shape)
    {
        double psi = Enumerable.Range(1, shape - 1).Sum(k => 1.0 / k) - EulerGamma;
        Assert.Equal(psi - Math.Log(shape), SpecialFunctions.MeanLnGamma(shape), 5e-10);
    }

    [Theory, InlineData(0, 0.5), InlineData(1, 0.7310585786300049), InlineData(-1, 0.2689414213699951), InlineData(-700, 9.859676543759770e-305), InlineData(800, 1), InlineData(-800, 0)]
    public void The_logistic_function_stays_in_range(double x, double expected) => IsClose(expected, SpecialFunctions.Logistic(x));

    [Theory, InlineData(0, 0.6931471805599453), InlineData(1, 1.3132616875182228), InlineData(-1, 0.31326168751822286), InlineData(900, 900), InlineData(-40, 4.248354255291589e-18)]
    public void Softplus_stays_in_range(double x, double expected) => IsClose(expected, SpecialFunctions.Softplus(x));

    [Theory, InlineData(0, 0.3989422804014327), InlineData(1, 0.24197072451914337), InlineData(-2, 0.05399096651318806)]
    public void The_normal_density_is_known(double z, double expected) => IsClose(expected, SpecialFunctions.NormalDensity(z));

    [Theory, InlineData(0, 0.5), InlineData(1.96, 0.9750021048517795), InlineData(-1.96, 0.024997895148220435)]
    public void The_normal_distribution_is_known(double z, double expected) => IsClose(expected, SpecialFunctions.NormalCumulative(z));

    [Theory, InlineData(0, 1), InlineData(0.3, 0.6713732405408726), InlineData(1.5, 0.033894853524689274), InlineData(1.999, 0.004698443348629488), InlineData(2, 0.004677734981047265)]
    [InlineData(2.5, 0.0004069520174449589), InlineData(5, 1.5374597944280351e-12), InlineData(20, 5.3958656116079005e-176), InlineData(26, 5.663192408856143e-296), InlineData(28, 0), InlineData(-28, 2)]
    public void The_complementary_error_function_is_exact_from_the_centre_to_the_far_tail(double x, double expected) => Assert.Equal(expected, SpecialFunctions.Erfc(x), 2e-13 * Math.Abs(expected));

    private static void IsClose(double expected, double actual)
    {
        if (double.IsInfinity(expected))
        {
            Assert.Equal(expected, actual);
        }
        else
        {
            Assert.Equal(expected, actual, 1e-14 * Math.Abs(expected));
        }
    }
}
