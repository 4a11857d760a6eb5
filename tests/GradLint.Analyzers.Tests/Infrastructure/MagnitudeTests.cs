namespace GradLint.Infrastructure;

public sealed class MagnitudeTests
{
    [Theory]
    [InlineData(-5044059642.14, "1e5044059642")]
    [InlineData(double.NegativeInfinity, "infinitely many")]
    [InlineData(0.3, "2")]
    [InlineData(2.47, "300")]
    [InlineData(-2.47, "300")]
    [InlineData(3.98, "10000")]
    [InlineData(5.5, "3e5")]
    [InlineData(5.99, "1e6")]
    [InlineData(400.3, "2e400")]
    public void Growth_is_told_without_its_direction(double decades, string text) => Assert.Equal(text, Magnitude.OfDecades(decades));

    [Theory]
    [InlineData(0.133, "1.4")]
    [InlineData(-0.01, "1.0")]
    [InlineData(0.3, "2")]
    [InlineData(-0.39, "0.4")]
    public void Of_one_layer_of_many_it_tells_whether_it_grows(double decades, string text) => Assert.Equal(text, Magnitude.PerLayer(decades));

    [Theory]
    [InlineData(-0.39, "0.4")]
    [InlineData(0.9, "8")]
    [InlineData(-3.5, "3e-4")]
    public void A_factor_keeps_it(double decades, string text) => Assert.Equal(text, Magnitude.OfFactor(decades));
}
