using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GradLint;

/// <summary>
/// Reads elements once, a vector at a time. Blocks are summed in the elements' own type, and the blocks' sums in double.
/// </summary>
/// <remarks>
/// A finite sum of squares proves that every element of the block is finite. Only a block whose sum is not finite, or so small
/// that squares may have vanished, is read again, with care. The vectors' width and the order of additions are fixed, so that
/// every machine gets the same bits.
/// </remarks>
internal static class VectorScan
{
    /// <summary>So few squares per lane (32 in single precision) that the norm is off by about 1e-6 of itself at worst.</summary>
    private const int BlockSize = 1024;

    public static TensorStatistics Scan(ReadOnlySpan<float> values) => Scan<float, int>(values);

    public static TensorStatistics Scan(ReadOnlySpan<double> values) => Scan<double, long>(values);

    /// <summary>Reads the bits of 16-bit numbers, block by block, through a buffer of single precision.</summary>
    public static TensorStatistics Scan<TFormat>(ReadOnlySpan<ushort> values)
        where TFormat : ISixteenBitFloat
    {
        TensorStatistics total = TensorStatistics.Empty;
        Span<float> widened = stackalloc float[BlockSize];
        while (values.Length >= BlockSize)
        {
            Widen<TFormat>(values[..BlockSize], widened);
            total += ScanBlock<float, int>(widened);
            values = values[BlockSize..];
        }

        Span<ushort> padded = stackalloc ushort[BlockSize];
        padded.Clear();
        values.CopyTo(padded);
        int length = (values.Length + Stride<float>() - 1) / Stride<float>() * Stride<float>();
        Widen<TFormat>(padded[..length], widened[..length]);
        return total + ScanBlock<float, int>(widened[..length]);
    }

    private static void Widen<TFormat>(ReadOnlySpan<ushort> bits, Span<float> magnitudes)
        where TFormat : ISixteenBitFloat
    {
        ref ushort source = ref MemoryMarshal.GetReference(bits);
        ref float destination = ref MemoryMarshal.GetReference(magnitudes);
        for (nuint i = 0; i < (nuint)bits.Length; i += (nuint)Vector256<ushort>.Count)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.LoadUnsafe(ref source, i));
            TFormat.Magnitudes(lower).StoreUnsafe(ref destination, i);
            TFormat.Magnitudes(upper).StoreUnsafe(ref destination, i + (nuint)Vector256<float>.Count);
        }
    }

    internal static TensorStatistics Scan<T, TBits>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        TensorStatistics total = TensorStatistics.Empty;
        while (values.Length >= Stride<T>())
        {
            int length = Math.Min(BlockSize, values.Length - (values.Length % Stride<T>()));
            total += ScanBlock<T, TBits>(values[..length]);
            values = values[length..];
        }

        if (values.IsEmpty)
        {
            return total;
        }

        // Zeros change neither the sum nor the largest magnitude.
        Span<T> padded = stackalloc T[Stride<T>()];
        padded.Clear();
        values.CopyTo(padded);
        return total + ScanBlock<T, TBits>(padded);
    }

    private static int Stride<T>() => 4 * Vector256<T>.Count;

    private static TensorStatistics ScanBlock<T, TBits>(ReadOnlySpan<T> block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        (double sum, T largest) = SumOfSquares<T, TBits>(block);
        // Below this the rounding of squares that are too small for the type (to Epsilon each) could be seen in the sum.
        double smallestTrusted = double.CreateTruncating(T.Epsilon) * (1L << 40);
        return double.IsFinite(sum) && (sum >= smallestTrusted || T.IsZero(largest))
            ? new(new(sum, 1), double.CreateTruncating(largest), 0)
            : ScanWithCare(block);
    }

    private static (double Sum, T Largest) SumOfSquares<T, TBits>(ReadOnlySpan<T> block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        (Vector256<T> sums, Vector256<TBits> largest) =
            Vector512.IsHardwareAccelerated ? SumWide<T, TBits>(block) : SumNarrow<T, TBits>(block);
        double sum = 0;
        TBits largestBits = TBits.Zero;
        for (int lane = 0; lane < Vector256<T>.Count; lane++)
        {
            sum += double.CreateTruncating(sums[lane]);
            largestBits = TBits.Max(largestBits, largest[lane]);
        }

        return (sum, Unsafe.BitCast<TBits, T>(largestBits));
    }

    // Without their sign, floating-point numbers are ordered as their bits are: integers compare faster, and NaN is no trap.

    internal static (Vector256<T> Sums, Vector256<TBits> Largest) SumNarrow<T, TBits>(ReadOnlySpan<T> block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        ref T first = ref MemoryMarshal.GetReference(block);
        int width = Vector256<T>.Count;
        Vector256<TBits> magnitude = Vector256.Create(TBits.MaxValue);
        Vector256<T> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        Vector256<TBits> largest0 = default, largest1 = default;
        for (int i = 0; i < block.Length; i += 4 * width)
        {
            Vector256<T> v0 = Vector256.LoadUnsafe(ref first, (nuint)i);
            Vector256<T> v1 = Vector256.LoadUnsafe(ref first, (nuint)(i + width));
            Vector256<T> v2 = Vector256.LoadUnsafe(ref first, (nuint)(i + (2 * width)));
            Vector256<T> v3 = Vector256.LoadUnsafe(ref first, (nuint)(i + (3 * width)));
            sum0 += v0 * v0;
            sum1 += v1 * v1;
            sum2 += v2 * v2;
            sum3 += v3 * v3;
            largest0 = Vector256.Max(largest0, v0.As<T, TBits>() & magnitude);
            largest1 = Vector256.Max(largest1, v1.As<T, TBits>() & magnitude);
            largest0 = Vector256.Max(largest0, v2.As<T, TBits>() & magnitude);
            largest1 = Vector256.Max(largest1, v3.As<T, TBits>() & magnitude);
        }

        return (sum0 + sum1 + (sum2 + sum3), Vector256.Max(largest0, largest1));
    }

    /// <summary>Two of the narrow vectors at a time, in the same order.</summary>
    internal static (Vector256<T> Sums, Vector256<TBits> Largest) SumWide<T, TBits>(ReadOnlySpan<T> block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TBits : unmanaged, IBinaryInteger<TBits>, IMinMaxValue<TBits>
    {
        ref T first = ref MemoryMarshal.GetReference(block);
        int width = Vector512<T>.Count;
        Vector512<TBits> magnitude = Vector512.Create(TBits.MaxValue);
        Vector512<T> sum01 = default, sum23 = default;
        Vector512<TBits> largest01 = default, largest23 = default;
        for (int i = 0; i < block.Length; i += 2 * width)
        {
            Vector512<T> v01 = Vector512.LoadUnsafe(ref first, (nuint)i);
            Vector512<T> v23 = Vector512.LoadUnsafe(ref first, (nuint)(i + width));
            sum01 += v01 * v01;
            sum23 += v23 * v23;
            largest01 = Vector512.Max(largest01, v01.As<T, TBits>() & magnitude);
            largest23 = Vector512.Max(largest23, v23.As<T, TBits>() & magnitude);
        }

        Vector512<TBits> largest = Vector512.Max(largest01, largest23);
        return (
            sum01.GetLower() + sum01.GetUpper() + (sum23.GetLower() + sum23.GetUpper()),
            Vector256.Max(largest.GetLower(), largest.GetUpper()));
    }

    private static TensorStatistics ScanWithCare<T>(ReadOnlySpan<T> block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double largest = 0;
        long nonFinite = 0;
        foreach (T value in block)
        {
            if (T.IsFinite(value))
            {
                largest = Math.Max(largest, Math.Abs(double.CreateTruncating(value)));
            }
            else
            {
                nonFinite++;
            }
        }

        return new(SquaresInUnitsOf(largest, block), largest, nonFinite);
    }

    private static SquareSum SquaresInUnitsOf<T>(double unit, ReadOnlySpan<T> block)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (unit == 0)
        {
            return SquareSum.Zero;
        }

        double sum = 0;
        foreach (T value in block)
        {
            double ratio = T.IsFinite(value) ? double.CreateTruncating(value) / unit : 0;
            sum += ratio * ratio;
        }

        return new(sum, unit);
    }
}
