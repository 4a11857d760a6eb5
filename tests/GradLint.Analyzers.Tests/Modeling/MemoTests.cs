namespace GradLint.Modeling;

public sealed class MemoTests
{
    [Fact]
    public void A_value_is_computed_once_for_all_who_ask()
    {
        var memo = new Memo<string, int>(StringComparer.Ordinal);
        int computed = 0;

        Parallel.For(0, 8, _ => memo.Get("key", () => Interlocked.Increment(ref computed)));

        Assert.Equal(1, computed);
    }

    [Fact]
    public void A_cancelled_computation_is_begun_anew()
    {
        var memo = new Memo<string, int>(StringComparer.Ordinal);

        Assert.Throws<OperationCanceledException>(() => memo.Get("key", () => throw new OperationCanceledException()));

        Assert.Equal(7, memo.Get("key", () => 7));
    }
}
