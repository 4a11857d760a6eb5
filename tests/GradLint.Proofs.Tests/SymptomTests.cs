namespace GradLint.Proofs.Tests;

public sealed class SymptomTests
{
    [Theory]
    [InlineData('>', 10, false)]
    [InlineData('>', 10.5, true)]
    [InlineData('<', 9.5, true)]
    [InlineData('<', 10, false)]
    [InlineData('<', double.NaN, true)]
    [InlineData('>', double.NaN, true)]
    public void It_is_sick_beyond_the_limit_and_when_it_is_no_number(char sign, double value, bool sick) =>
        Assert.Equal(sick, new Symptom("loss", sign, 10).IsSick(value));

    [Fact]
    public void It_is_read_from_the_last_line() => Assert.Equal(12.5, Symptom.Read("symptom: 3\nstep 2\nsymptom: 12.5\n"));

    [Theory]
    [InlineData("")]
    [InlineData("symptom: 1\nbye")]
    [InlineData("symptom: large")]
    public void Output_without_it_proves_nothing(string output) => Assert.Throws<ProofException>(() => Symptom.Read(output));
}
