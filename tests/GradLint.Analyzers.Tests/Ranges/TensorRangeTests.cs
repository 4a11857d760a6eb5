namespace GradLint.Ranges;

public sealed class TensorRangeTests
{
    private static readonly TensorRange s_unit = TensorRange.Between(0, 1, Reach.Usual);
    private static readonly TensorRange s_scores = TensorRange.Between(0, double.PositiveInfinity, Reach.Usual);

    [Fact]
    public void Nothing_is_known_of_the_unknown() => Assert.Equal(Reach.Unknown, TensorRange.Unknown.ReachesZero);

    [Fact]
    public void One_minus_a_probability_is_one() => Assert.Equal((0, 1, Reach.Usual), Bounds(TensorRange.Constant(1) - s_unit));

    [Fact]
    public void An_offset_keeps_away_from_0() => Assert.Equal(Reach.Unknown, (s_scores + TensorRange.Constant(1e-8)).ReachesZero);

    [Fact]
    public void A_negative_factor_turns_the_bounds_around() => Assert.Equal((-2, 0, Reach.Usual), Bounds(s_unit * TensorRange.Constant(-2)));

    [Fact]
    public void A_sum_of_two_is_0_less_often_than_each() => Assert.Equal(Reach.Rare, (s_scores + s_scores).ReachesZero);

    [Fact]
    public void A_product_is_0_where_one_of_the_two_is()
    {
        var positive = new TensorRange { Lower = 0 };
        Assert.Equal(Reach.Usual, (positive * s_scores).ReachesZero);
        Assert.Equal(Reach.Unknown, (positive * positive).ReachesZero);
    }

    [Fact]
    public void A_product_with_the_unknown_is_unknown() => Assert.Equal(double.NegativeInfinity, (s_scores * TensorRange.Unknown).Lower);

    [Fact]
    public void Only_what_holds_on_both_ways_holds()
    {
        TensorRange clamped = TensorRange.Between(1e-6, 1, Reach.Usual);
        Assert.Equal((0, 1, Reach.Unknown), Bounds(s_unit.Or(clamped)));
        Assert.Equal((0, 1, Reach.Usual), Bounds(s_unit.Or(s_unit with { MadeAt = null })));
        Assert.Equal(double.NegativeInfinity, s_unit.Or(TensorRange.Unknown).Lower);
    }

    [Fact]
    public void A_softmax_with_an_epsilon_is_a_softmax_and_scaled_is_none()
    {
        TensorRange softmax = TensorRange.Between(0, 1, Reach.Usual, TensorKind.Softmax);
        Assert.Equal(TensorKind.Softmax, softmax.Plus(1e-8).Kind);
        Assert.Equal(TensorKind.Plain, softmax.Plus(1).Kind);
        Assert.Equal(TensorKind.Plain, softmax.Times(2).Kind);
    }

    private static (double Lower, double Upper, Reach Reach) Bounds(TensorRange range) => (range.Lower, range.Upper, range.ReachesLower);
}
