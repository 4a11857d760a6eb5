using System.Runtime.Intrinsics;

namespace GradLint;

/// <summary>A 16-bit floating-point format whose magnitudes can be widened to single precision: exactly, and without their sign.</summary>
internal interface ISixteenBitFloat
{
    /// <param name="bits">Each number's bits, in the lower half of its lane.</param>
    static abstract Vector256<float> Magnitudes(Vector256<uint> bits);
}

/// <summary>The upper half of a single.</summary>
internal readonly struct BFloat16Format : ISixteenBitFloat
{
    public static Vector256<float> Magnitudes(Vector256<uint> bits) => ((bits & Vector256.Create(0x7fffu)) << 16).AsSingle();
}

/// <summary>The single's layout with three exponent bits fewer and another bias.</summary>
internal readonly struct HalfFormat : ISixteenBitFloat
{
    private const uint SmallestNonFinite = 0x7c00;
    private const uint SingleExponent = 0x7f800000;
    private const float TwoTo112 = 5.192296858534828e33f;

    public static Vector256<float> Magnitudes(Vector256<uint> bits)
    {
        // Shifted into place, a number is too small by the difference of the biases; that holds for subnormal numbers too.
        Vector256<uint> half = bits & Vector256.Create(0x7fffu);
        Vector256<float> value = (half << 13).AsSingle() * TwoTo112;
        Vector256<uint> nonFinite = Vector256.GreaterThanOrEqual(half, Vector256.Create(SmallestNonFinite));
        return (value.AsUInt32() | (nonFinite & Vector256.Create(SingleExponent))).AsSingle();
    }
}
