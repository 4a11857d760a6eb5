using static TorchSharp.torch;

namespace GradLint.Tests;

/// <summary>What is measured with tensor operations is what is measured through memory.</summary>
public class TensorScanTests
{
    public static TheoryData<string, ScalarType> Cases()
    {
        var cases = new TheoryData<string, ScalarType>();
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16])
        {
            foreach (string content in Contents.Keys)
            {
                cases.Add(content, type);
            }
        }

        return cases;
    }

    private static readonly Dictionary<string, Func<Tensor>> Contents = new()
    {
        ["normal"] = () => randn(7, 300),
        ["zero"] = () => zeros(5),
        ["empty"] = () => zeros(0),
        ["large"] = () => full(3000, 6e4),
        ["tiny"] = () => full(3000, 1e-7),
        ["one NaN"] = () => tensor(new[] { 1f, float.NaN, 2f }),
        ["Inf and NaN"] = () => tensor(new[] { 1f, float.PositiveInfinity, -2f, float.NaN, float.NegativeInfinity }),
        ["only NaN"] = () => full(9, double.NaN),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Both_ways_agree(string content, ScalarType type)
    {
        manual_seed(3);
        Tensor tensor = Contents[content]().to(type);

        AssertSame(Measure(tensor, throughMemory: true), Measure(tensor, throughMemory: false));
    }

    [Theory]
    [InlineData(1e20, ScalarType.Float32)]
    [InlineData(1e-30, ScalarType.Float32)]
    [InlineData(1e38, ScalarType.BFloat16)]
    [InlineData(1e300, ScalarType.Float64)]
    [InlineData(1e-300, ScalarType.Float64)]
    public void Both_ways_agree_where_squares_overflow_or_vanish(double magnitude, ScalarType type)
    {
        Tensor tensor = full(3000, magnitude, type);

        AssertSame(Measure(tensor, throughMemory: true), Measure(tensor, throughMemory: false));
    }

    [Fact]
    public void Tensors_that_are_not_in_one_piece_are_measured()
    {
        Tensor whole = arange(12, ScalarType.Float32).reshape(3, 4);

        AssertSame(Measure(whole.t().contiguous(), throughMemory: true), Measure(whole.t(), throughMemory: true));
    }

    [Fact]
    public void Tensors_of_all_kinds_are_measured_together_in_their_order()
    {
        Tensor?[] tensors =
            [ones(4), null, ones(2, 3).t(), ones(9, dtype: ScalarType.Float64), ones(5, dtype: ScalarType.Int32), eye(16).to_sparse()];
        var statistics = new TensorStatistics[tensors.Length];

        new StatisticsReader(throughMemory: true).Read(tensors, statistics);

        Assert.Equal([4, 0, 6, 9, 5, 16], statistics.Select(s => Math.Round(s.Squares.Norm * s.Squares.Norm, 4)));
    }

    private static TensorStatistics Measure(Tensor tensor, bool throughMemory)
    {
        var statistics = new TensorStatistics[1];
        new StatisticsReader(throughMemory).Read([tensor], statistics);
        return statistics[0];
    }

    private static void AssertSame(TensorStatistics expected, TensorStatistics actual)
    {
        Assert.Equal(expected.NonFinite, actual.NonFinite);
        Assert.Equal(expected.Largest, actual.Largest, expected.Largest * 1e-6);
        Assert.Equal(expected.Squares.Norm, actual.Squares.Norm, expected.Squares.Norm * 1e-5);
    }
}
