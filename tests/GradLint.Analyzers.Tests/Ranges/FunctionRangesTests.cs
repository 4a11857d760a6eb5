using System.Reflection;
using TorchSharp;

namespace GradLint.Ranges;

public sealed class FunctionRangesTests
{
    private static readonly HashSet<string> s_functions =
        new[] { typeof(torch), typeof(torch.Tensor), typeof(torch.nn.functional), typeof(torch.special), typeof(torch.linalg), typeof(TensorExtensionMethods) }
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance))
            .Select(method => method.Name)
            .ToHashSet();

    public static TheoryData<string> Functions => [.. FunctionRanges.Functions];

    public static TheoryData<string> Layers => [.. FunctionRanges.Layers];

    [Theory]
    [MemberData(nameof(Functions))]
    public void TorchSharp_has_the_function(string function) => Assert.Contains(function, s_functions);

    [Theory]
    [MemberData(nameof(Layers))]
    public void TorchSharp_has_the_layer(string layer)
    {
        Assert.NotNull(typeof(torch).Assembly.GetType($"TorchSharp.Modules.{layer}"));
        Assert.NotNull(FunctionRanges.OfLayer(layer));
    }

    [Theory]
    [InlineData("relu", 0, double.PositiveInfinity)]
    [InlineData("sigmoid", 0, 1)]
    [InlineData("tanh", -1, 1)]
    [InlineData("softmax", 0, 1)]
    [InlineData("norm", 0, double.PositiveInfinity)]
    [InlineData("log_softmax", double.NegativeInfinity, 0)]
    public void Functions_have_bounds(string function, double lower, double upper)
    {
        TensorRange range = FunctionRanges.Apply(function, TensorRange.Unknown);
        Assert.Equal((lower, upper), (range.Lower, range.Upper));
    }

    [Theory]
    [InlineData("exp")]
    [InlineData("softplus")]
    public void Positive_functions_do_not_reach_0(string function)
    {
        TensorRange range = FunctionRanges.Apply(function, TensorRange.Unknown);
        Assert.Equal((0, Reach.Unknown), (range.Lower, range.ReachesZero));
    }

    [Fact]
    public void A_function_that_is_not_listed_makes_the_values_unknown() =>
        Assert.Equal(double.NegativeInfinity, FunctionRanges.Apply("no_such_function", TensorRange.Constant(1)).Lower);

    [Fact]
    public void The_sum_of_a_mask_is_0_more_often_than_that_of_scores()
    {
        Assert.Equal(Reach.Usual, FunctionRanges.Apply("sum", FunctionRanges.Apply("gt", TensorRange.Unknown)).ReachesZero);
        Assert.Equal(Reach.Rare, FunctionRanges.Apply("sum", FunctionRanges.Apply("relu", TensorRange.Unknown)).ReachesZero);
    }
}
