using System.Runtime.InteropServices;

namespace GradLint.Tests;

/// <summary>The vector kernels against a plain loop in double precision.</summary>
public class VectorScanTests
{
    [Fact]
    public void Single_precision_agrees_with_a_plain_loop() =>
        AgreesWithPlainLoop(
            random => (float)Normal(random), VectorScan.Scan, v => v,
            [float.NaN, float.PositiveInfinity, float.NegativeInfinity]);

    [Fact]
    public void Double_precision_agrees_with_a_plain_loop() =>
        AgreesWithPlainLoop(Normal, VectorScan.Scan, v => v, [double.NaN, double.PositiveInfinity, double.NegativeInfinity]);

    [Fact]
    public void Half_precision_agrees_with_a_plain_loop() =>
        AgreesWithPlainLoop(
            random => (Half)Normal(random), v => VectorScan.Scan<HalfFormat>(MemoryMarshal.Cast<Half, ushort>(v)), v => (double)v,
            [Half.NaN, Half.PositiveInfinity, Half.NegativeInfinity]);

    [Fact]
    public void BFloat16_agrees_with_a_plain_loop() =>
        AgreesWithPlainLoop(
            random => BFloat16Bits((float)Normal(random)), v => VectorScan.Scan<BFloat16Format>(v),
            v => BitConverter.Int32BitsToSingle(v << 16),
            [BFloat16Bits(float.NaN), BFloat16Bits(float.PositiveInfinity), BFloat16Bits(float.NegativeInfinity)]);

    [Fact]
    public void Every_half_is_widened_exactly()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = BitConverter.UInt16BitsToHalf((ushort)bits);
            TensorStatistics statistics = VectorScan.Scan<HalfFormat>([(ushort)bits]);

            Assert.Equal(Half.IsFinite(value) ? 0 : 1, statistics.NonFinite);
            Assert.Equal(Half.IsFinite(value) ? Math.Abs((double)value) : 0, statistics.Largest);
        }
    }

    [Fact]
    public void Wide_vectors_give_the_same_bits_as_narrow_ones()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 1024).Select(_ => (float)Normal(random))];

        Assert.Equal(VectorScan.SumNarrow<float, int>(values), VectorScan.SumWide<float, int>(values));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-45f)]
    [InlineData(1e-40f)]
    [InlineData(1e-30f)]
    [InlineData(1e-19f)]
    [InlineData(1f)]
    [InlineData(1e19f)]
    [InlineData(3e20f)]
    [InlineData(float.MaxValue)]
    public void No_finite_magnitude_overflows_or_vanishes_in_single_precision(float magnitude)
    {
        float[] values = [.. Enumerable.Repeat(magnitude, 2500)];

        TensorStatistics statistics = VectorScan.Scan(values);

        Assert.Equal(0, statistics.NonFinite);
        Assert.Equal((double)magnitude, statistics.Largest);
        Assert.Equal(50.0 * magnitude, statistics.Squares.Norm, 50.0 * magnitude * 1e-6);
    }

    [Theory]
    [InlineData(5e-324)]
    [InlineData(1e-300)]
    [InlineData(1e-160)]
    [InlineData(1e160)]
    [InlineData(1e300)]
    public void No_finite_magnitude_overflows_or_vanishes_in_double_precision(double magnitude)
    {
        double[] values = [.. Enumerable.Repeat(magnitude, 2500), 0];

        Assert.Equal(50 * magnitude, VectorScan.Scan(values).Squares.Norm, 50 * magnitude * 1e-12);
    }

    [Fact]
    public void Blocks_of_very_different_magnitude_add_up()
    {
        float[] values = [.. Enumerable.Repeat(1e-30f, 1024), .. Enumerable.Repeat(1f, 1024), .. Enumerable.Repeat(3e30f, 1024)];

        Assert.Equal(1, VectorScan.Scan(values).Squares.Norm / (32 * 3e30), 1e-6);
        Assert.Equal(1, VectorScan.Scan(values.AsSpan(0, 2048)).Squares.Norm / 32, 1e-6);
        Assert.Equal(1, VectorScan.Scan(values.AsSpan(0, 1024)).Squares.Norm / 32e-30, 1e-6);
    }

    private delegate TensorStatistics Scan<T>(ReadOnlySpan<T> values);

    private static void AgreesWithPlainLoop<T>(Func<Random, T> draw, Scan<T> scan, Func<T, double> widen, T[] nonFinite)
    {
        var random = new Random(42);
        int[] lengths = [0, 1, 15, 16, 31, 32, 33, 1023, 1024, 1025, 2048, .. Enumerable.Range(0, 60).Select(_ => random.Next(5000))];
        foreach (int length in lengths)
        {
            T[] values = [.. Enumerable.Range(0, length).Select(_ => draw(random))];
            for (int planted = random.Next(6) - 2; planted > 0 && length > 0; planted--)
            {
                values[random.Next(length)] = nonFinite[random.Next(nonFinite.Length)];
            }

            TensorStatistics statistics = scan(values);

            double[] finite = [.. values.Select(widen).Where(double.IsFinite)];
            double norm = Math.Sqrt(finite.Sum(v => v * v));
            Assert.Equal(length - finite.Length, statistics.NonFinite);
            Assert.Equal(finite.Select(Math.Abs).DefaultIfEmpty(0).Max(), statistics.Largest);
            Assert.Equal(norm, statistics.Squares.Norm, norm * 1e-6);
        }
    }

    /// <summary>Box and Muller's normal numbers, scaled from 1e-3 to 1e3.</summary>
    private static double Normal(Random random) =>
        Math.Pow(10, (random.NextDouble() * 6) - 3)
        * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static ushort BFloat16Bits(float value) => (ushort)(BitConverter.SingleToInt32Bits(value) >> 16);
}
