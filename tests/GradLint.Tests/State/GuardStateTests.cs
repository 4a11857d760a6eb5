namespace GradLint.Tests;

public class GuardStateTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(150)]
    [InlineData(200)]
    [InlineData(301)]
    [InlineData(420)]
    public void A_guard_that_continues_from_a_saved_state_decides_as_if_there_had_been_no_break(int breakAt)
    {
        (double Norm, double Loss)[] steps = [.. Run()];
        using var unbroken = new GuardedSeries();
        using var before = new GuardedSeries();
        using var after = new GuardedSeries();
        foreach ((double norm, double loss) in steps.Take(breakAt))
        {
            _ = unbroken.Next(norm, loss);
            _ = before.Next(norm, loss);
        }

        after.Guard.LoadState(StateOf(before));

        foreach ((double norm, double loss) in steps.Skip(breakAt))
        {
            Assert.Equal(unbroken.Next(norm, loss).ToString(), after.Next(norm, loss).ToString());
        }

        Assert.Equal(StateOf(unbroken).ToArray(), StateOf(after).ToArray());
    }

    [Fact]
    public void A_state_of_other_options_is_refused_and_changes_nothing()
    {
        using var run = new GuardedSeries();
        using var other = new GuardedSeries(new() { LossSpikes = null });
        _ = run.Norms(Series.LogNormal(0.3, 200));
        byte[] before = StateOf(run).ToArray();

        var error = Assert.Throws<InvalidDataException>(() => run.Guard.LoadState(StateOf(other)));

        Assert.Equal("The state was saved by a guard without LossSpikes; attach this one with the same options.", error.Message);
        Assert.Equal(before, StateOf(run).ToArray());
    }

    [Fact]
    public void A_state_that_ends_too_early_is_refused_and_changes_nothing()
    {
        using var run = new GuardedSeries();
        using var donor = new GuardedSeries();
        _ = donor.Norms(Series.LogNormal(0.3, 200));
        byte[] whole = StateOf(donor).ToArray();
        byte[] before = StateOf(run).ToArray();

        for (int length = 0; length < whole.Length; length += 37)
        {
            Assert.Throws<InvalidDataException>(() => run.Guard.LoadState(new MemoryStream(whole, 0, length)));
            Assert.Equal(before, StateOf(run).ToArray());
        }
    }

    [Fact]
    public void Something_else_than_a_state_is_refused()
    {
        using var run = new GuardedSeries();

        Assert.Throws<InvalidDataException>(() => run.Guard.LoadState(new MemoryStream(new byte[100])));
    }

    private static IEnumerable<(double Norm, double Loss)> Run()
    {
        foreach ((double norm, double loss) in Series.LogNormal(0.3, 400).Zip(Series.Normal(2, 0.1, 400, seed: 2)))
        {
            yield return (norm, loss);
        }

        for (int i = 0; i < 40; i++)
        {
            yield return (1000, 2);
        }
    }

    private static MemoryStream StateOf(GuardedSeries run)
    {
        var stream = new MemoryStream();
        run.Guard.SaveState(stream);
        stream.Position = 0;
        return stream;
    }
}
