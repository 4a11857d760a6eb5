using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Multiplies gradients in place, all by the same factor, so that their direction stays.</summary>
internal static class GradientScaling
{
    /// <param name="gradients">Null where a parameter has no gradient.</param>
    /// <param name="factor">Between 0 and 1.</param>
    /// <param name="throughMemory">False scales with tensor operations only, as on another device.</param>
    public static void Scale(ReadOnlySpan<Tensor?> gradients, double factor, bool throughMemory)
    {
        foreach (Tensor? gradient in gradients)
        {
            if (gradient is not null && !(throughMemory && TryScaleMemory(gradient, factor)))
            {
                ScaleTensor(gradient, factor);
            }
        }
    }

    private static bool TryScaleMemory(Tensor gradient, double factor)
    {
        ScalarType type = gradient.dtype;
        if (type is not (ScalarType.Float32 or ScalarType.Float64) || !TensorMemory.TryGetBytes(gradient, out Span<byte> bytes))
        {
            return false;
        }

        if (type == ScalarType.Float32)
        {
            Scale(MemoryMarshal.Cast<byte, float>(bytes), factor);
        }
        else
        {
            Scale(MemoryMarshal.Cast<byte, double>(bytes), factor);
        }

        return true;
    }

    /// <summary>Multiplies each element, rounding once, or twice where the factor itself would lose digits in the elements' type.</summary>
    internal static void Scale<T>(Span<T> values, double factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>, IMinMaxValue<T>
    {
        if (factor < SmallestNormal(typeof(T) == typeof(double)))
        {
            Multiply(values, T.CreateTruncating(Math.Sqrt(factor)));
            Multiply(values, T.CreateTruncating(Math.Sqrt(factor)));
            return;
        }

        Multiply(values, T.CreateTruncating(factor));
    }

    private static void Multiply<T>(Span<T> values, T factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<Vector256<T>> vectors = MemoryMarshal.Cast<T, Vector256<T>>(values);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] *= factor;
        }

        for (int i = vectors.Length * Vector256<T>.Count; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }

    private static void ScaleTensor(Tensor gradient, double factor)
    {
        using IDisposable noGradient = torch.no_grad();
        if (gradient.dtype is ScalarType.Float16 or ScalarType.BFloat16)
        {
            // libtorch would round the factor to 16 bits first.
            using Tensor wide = gradient.to(ScalarType.Float32);
            ScaleTensor(wide, factor);
            _ = gradient.copy_(wide);
        }
        else if (factor < SmallestNormal(gradient.dtype is ScalarType.Float64 or ScalarType.ComplexFloat64))
        {
            Multiply(gradient, Math.Sqrt(factor));
            Multiply(gradient, Math.Sqrt(factor));
        }
        else
        {
            Multiply(gradient, factor);
        }
    }

    private static void Multiply(Tensor gradient, double factor)
    {
        using Scalar scalar = factor.ToScalar();
        _ = gradient.mul_(scalar);
    }

    /// <summary>Below it a number of that precision has fewer digits, or is flushed to zero.</summary>
    private static double SmallestNormal(bool isDouble) => isDouble ? 2.2250738585072014e-308 : 1.1754943508222875e-38;
}
