using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests;

[Collection(nameof(OwnRandomNumbers))]
public sealed class LearningRateRangeTestTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Linear _model;
    private readonly Tensor _x;

    public LearningRateRangeTestTests()
    {
        _ = manual_seed(3);
        (_model, _x) = (nn.Linear(3, 1), randn(64, 3));
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void The_rate_rises_by_the_same_factor_until_the_loss_explodes_and_the_suggestion_trains()
    {
        using optim.Optimizer optimizer = optim.SGD(_model.parameters(), 0.5);

        LearningRateRange range = Run(optimizer, new() { Lowest = 1e-4, Highest = 1000, Steps = 200 });

        Assert.All(range.Points.Zip(range.Points.Skip(1)), pair => Assert.Equal(Math.Pow(1e7, 1.0 / 199), pair.Second.Rate / pair.First.Rate, 1e-9));
        Assert.Contains("times the best", range.Ending, StringComparison.Ordinal);
        // SGD on this quadratic diverges above 2 over the curvature, which is about 2.
        Assert.InRange(range.Points[^1].Rate, 0.7, 30);
        Assert.InRange(range.Suggestion!.Value, 0.01, 0.5);
    }

    [Fact]
    public void It_stops_at_NaN_and_says_so()
    {
        using optim.Optimizer optimizer = optim.SGD(_model.parameters(), 0.5);

        LearningRateRange range = LearningRateRangeTest.Run(
            _model, optimizer, Enumerable.Range(0, 50), batch => Loss() * (batch < 20 ? 1 : float.NaN), new() { Lowest = 1e-5, Highest = 1e-3 });

        Assert.Equal(20, range.Points.Count);
        Assert.Contains("the loss was not finite", range.Ending, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_optimizer_and_random_numbers_are_as_before()
    {
        using Adam optimizer = optim.Adam(_model.parameters(), 0.5);
        double[] weights = _model.weight!.Doubles();
        byte[] random = get_rng_state().Bits();

        _ = Run(optimizer, new());

        Assert.Equal(weights, _model.weight!.Doubles());
        Assert.Equal(0.5, optimizer.ParamGroups.First().LearningRate);
        Assert.Equal(random, get_rng_state().Bits());
    }

    [Fact]
    public void The_rate_is_as_before_where_the_test_ends_below_it_or_a_batch_throws()
    {
        using optim.Optimizer optimizer = optim.SGD(_model.parameters(), 0.5);

        _ = Run(optimizer, new() { Highest = 0.1 });
        double afterTheTest = optimizer.ParamGroups.First().LearningRate;
        _ = Assert.Throws<FormatException>(() => LearningRateRangeTest.Run(_model, optimizer, [0], Tensor (_) => throw new FormatException()));

        Assert.Equal((0.5, 0.5), (afterTheTest, optimizer.ParamGroups.First().LearningRate));
    }

    [Fact]
    public void A_loss_below_zero_ends_it_where_it_rises_by_as_much_as_a_ratio_would_be()
    {
        using optim.Optimizer optimizer = optim.SGD(_model.parameters(), 0.5);

        LearningRateRange range = LearningRateRangeTest.Run(
            _model, optimizer, [0], _ => Loss() - 10, new() { Lowest = 1e-4, Highest = 1000, Steps = 200 });

        Assert.Contains("the loss had risen from -", range.Ending, StringComparison.Ordinal);
        Assert.InRange(range.Points[^1].Rate, 0.7, 30);
        Assert.InRange(range.Suggestion!.Value, 0.01, 0.5);
    }

    [Fact]
    public void Without_batches_it_says_so()
    {
        using optim.Optimizer optimizer = optim.SGD(_model.parameters(), 0.5);

        Assert.Contains(
            "no batches",
            Assert.Throws<ArgumentException>(() => LearningRateRangeTest.Run(_model, optimizer, Array.Empty<int>(), _ => Loss())).Message,
            StringComparison.Ordinal);
    }

    private LearningRateRange Run(optim.Optimizer optimizer, LearningRateRangeTestOptions options) =>
        LearningRateRangeTest.Run(_model, optimizer, [0, 1, 2], _ => Loss(), options);

    private Tensor Loss() => (_model.call(_x) - _x.sum(1, keepdim: true)).square().mean();
}
