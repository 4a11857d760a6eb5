using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>How the magnitudes of gradients are distributed: one bin for each factor of 2.</summary>
internal sealed class GradientHistogram
{
    /// <summary>The exponents of 2 of the first and the last bin, which take in what is beyond.</summary>
    public const int Lowest = -64;
    public const int Highest = 63;

    private const int ExponentBias = 127;
    private const int NotFinite = 255;

    private readonly long[] _counts = new long[Highest - Lowest + 1];

    public long Zeros { get; private set; }

    public long NonFinite { get; private set; }

    /// <summary>Whether a step is one of 1, 2, 5, 10, 20, 50, ...</summary>
    public static bool IsDue(long step)
    {
        while (step % 10 == 0 && step > 0)
        {
            step /= 10;
        }

        return step is 1 or 2 or 5;
    }

    /// <summary>One for each layer.</summary>
    public static GradientHistogram[] OfLayers(LayerStatistics layers, in StepMeasurement measurement)
    {
        GradientHistogram[] histograms = [.. layers.Names.Select(_ => new GradientHistogram())];
        for (int i = 0; i < measurement.Names.Count; i++)
        {
            if (measurement.GradientOf(i) is { } gradient)
            {
                histograms[layers.LayerOf(i)].Add(gradient);
            }
        }

        return histograms;
    }

    public void Add(Tensor gradient)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor dense = gradient.is_sparse ? gradient.to_dense() : gradient;
        Tensor floats = dense.detach().to(ScalarType.Float32).cpu().contiguous().flatten();
        const long AtOnce = 1 << 28;
        for (long start = 0; start < floats.numel(); start += AtOnce)
        {
            Add(MemoryMarshal.Cast<byte, uint>(floats.narrow(0, start, Math.Min(AtOnce, floats.numel() - start)).bytes));
        }
    }

    /// <summary>The counts from the first bin that is not empty to the last, and the exponent of the first.</summary>
    public (int Lowest, ReadOnlyMemory<long> Counts) Trimmed()
    {
        int first = Array.FindIndex(_counts, count => count > 0);
        return first < 0 ? (0, default) : (Lowest + first, _counts.AsMemory(first..(Array.FindLastIndex(_counts, count => count > 0) + 1)));
    }

    private void Add(ReadOnlySpan<uint> bits)
    {
        Span<long> byExponent = stackalloc long[256];
        byExponent.Clear();
        long zeros = 0;
        foreach (uint value in bits)
        {
            byExponent[(int)((value >> 23) & 0xFF)]++;
            zeros += value << 1 == 0 ? 1 : 0;
        }

        Zeros += zeros;
        NonFinite += byExponent[NotFinite];
        // Those that are not zero and have the exponent 0 are subnormal: far below the lowest bin.
        byExponent[0] -= zeros;
        for (int exponent = 0; exponent < NotFinite; exponent++)
        {
            _counts[Math.Clamp(exponent - ExponentBias, Lowest, Highest) - Lowest] += byExponent[exponent];
        }
    }
}
