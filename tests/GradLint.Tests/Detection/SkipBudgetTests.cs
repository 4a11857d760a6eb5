namespace GradLint.Tests;

public class SkipBudgetTests
{
    private readonly SkipBudget _budget = new();

    [Fact]
    public void It_covers_32_spikes_at_once_and_no_more()
    {
        Assert.All(Enumerable.Range(0, 32), _ => Assert.True(_budget.TryTake()));
        Assert.False(_budget.TryTake());
    }

    [Fact]
    public void A_spent_budget_covers_one_spike_in_64_steps()
    {
        Spend();

        Advance(63);
        Assert.True(_budget.CoversNext);
        Assert.False(_budget.TryTake());

        Advance(1);
        Assert.True(_budget.TryTake());
        Assert.False(_budget.CoversNext);
    }

    [Fact]
    public void A_spike_that_is_not_covered_costs_nothing()
    {
        Spend();
        Assert.All(Enumerable.Range(0, 100), _ => Assert.False(_budget.TryTake()));

        Advance(64);

        Assert.True(_budget.TryTake());
    }

    [Fact]
    public void Steps_without_spikes_save_nothing_up()
    {
        Advance(10_000);

        It_covers_32_spikes_at_once_and_no_more();
    }

    [Theory]
    [InlineData(-0.5)]
    [InlineData(32.5)]
    [InlineData(double.NaN)]
    public void A_saved_budget_that_is_out_of_range_is_refused(double left)
    {
        using BinaryReader state = new(new MemoryStream(BitConverter.GetBytes(left)));

        Assert.Contains("budget", Assert.Throws<InvalidDataException>(() => _budget.Load(state)).Message);
    }

    private void Spend()
    {
        while (_budget.TryTake())
        {
        }
    }

    private void Advance(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            _budget.Advance();
        }
    }
}
