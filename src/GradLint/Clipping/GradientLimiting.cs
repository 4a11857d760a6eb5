using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>Limits the elements of a finite gradient to an interval around 0, in place.</summary>
internal static class GradientLimiting
{
    /// <param name="gradient">Finite throughout.</param>
    /// <param name="limit">Greater than 0.</param>
    /// <param name="throughMemory">False limits with tensor operations only, as on another device.</param>
    public static void Limit(Tensor gradient, double limit, bool throughMemory)
    {
        if (!(throughMemory && TryLimitMemory(gradient, limit)))
        {
            LimitTensor(gradient, limit);
        }
    }

    private static bool TryLimitMemory(Tensor gradient, double limit)
    {
        ScalarType type = gradient.dtype;
        if (type is not (ScalarType.Float32 or ScalarType.Float64) || !TensorMemory.TryGetBytes(gradient, out Span<byte> bytes))
        {
            return false;
        }

        if (type == ScalarType.Float32)
        {
            Limit(MemoryMarshal.Cast<byte, float>(bytes), (float)limit);
        }
        else
        {
            Limit(MemoryMarshal.Cast<byte, double>(bytes), limit);
        }

        return true;
    }

    private static void Limit<T>(Span<T> values, T limit)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector256<T> upper = Vector256.Create(limit);
        Span<Vector256<T>> vectors = MemoryMarshal.Cast<T, Vector256<T>>(values);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Vector256.Min(Vector256.Max(vectors[i], -upper), upper);
        }

        for (int i = vectors.Length * Vector256<T>.Count; i < values.Length; i++)
        {
            values[i] = T.Clamp(values[i], -limit, limit);
        }
    }

    private static void LimitTensor(Tensor gradient, double limit)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Scalar upper = limit.ToScalar();
        Scalar lower = (-limit).ToScalar();
        if (gradient.is_sparse)
        {
            // Entries of the same element add up: they are limited together.
            int sparseDimensions = (int)gradient.SparseIndices.size(0);
            _ = gradient.copy_(gradient.to_dense().clamp_(lower, upper).to_sparse(sparseDimensions));
        }
        else
        {
            _ = gradient.clamp_(lower, upper);
        }

        upper.Dispose();
        lower.Dispose();
    }
}
