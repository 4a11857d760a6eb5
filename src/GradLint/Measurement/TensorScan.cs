using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Measures tensors with tensor operations, wherever they are and however they are laid out. The results stay on the device
/// until all are there, and come to the host in one synchronization; only tensors that turn out bad cost another one.
/// </summary>
internal static class TensorScan
{
    /// <summary>Squares of smaller magnitudes may vanish in single precision.</summary>
    private const double SmallestSquared = 1e-17;

    public static IReadOnlyList<TensorStatistics> Scan(IReadOnlyList<Tensor> tensors)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Device device = tensors[0].device;
        Tensor[] summaries = [.. tensors.Select(tensor => NormAndLargest(tensor).to(device))];
        ReadOnlySpan<double> host = MemoryMarshal.Cast<byte, double>(
            torch.cat(summaries).cpu().to(ScalarType.Float64).bytes);
        var statistics = new TensorStatistics[tensors.Count];
        for (int i = 0; i < statistics.Length; i++)
        {
            (double norm, double largest) = (host[2 * i], host[(2 * i) + 1]);
            statistics[i] = IsTrusted(norm, largest) ? new(SquareSum.OfNorm(norm), largest, 0) : ScanWithCare(tensors[i]);
        }

        return statistics;
    }

    /// <summary>Whether a norm that a device computed is right: neither overflowed nor vanished.</summary>
    public static bool IsTrusted(double norm, double largest) =>
        double.IsFinite(norm) && (largest >= SmallestSquared || largest == 0);

    private static Tensor NormAndLargest(Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor values = Values(tensor);
        // An empty tensor has no largest element.
        return values.numel() == 0
            ? values.new_zeros(2).MoveToOuterDisposeScope()
            : torch.stack([Norm(values), Largest(values)]).MoveToOuterDisposeScope();
    }

    /// <summary>Reads a tensor that is not finite, or tiny, or huge.</summary>
    public static TensorStatistics ScanWithCare(Tensor tensor)
    {
        using IDisposable noGradient = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        Tensor values = Values(tensor);
        Tensor nonFinite = values.isfinite().logical_not();
        Tensor finite = values.masked_fill(nonFinite, 0);
        long count = nonFinite.sum().ToInt64();
        double largest = Largest(finite).ToDouble();
        double relativeNorm = largest == 0 ? 0 : Norm(finite / largest).ToDouble();
        return new(relativeNorm == 0 ? SquareSum.Zero : new(relativeNorm * relativeNorm, largest), largest, count);
    }

    private static Tensor Norm(Tensor values) => torch.linalg.vector_norm(values);

    private static Tensor Largest(Tensor values) => torch.linalg.vector_norm(values, double.PositiveInfinity);

    /// <summary>The elements, dense and real, in at least single precision, so that the norm is not rounded to 16 bits.</summary>
    private static Tensor Values(Tensor tensor)
    {
        Tensor dense = tensor.is_sparse ? tensor.to_dense() : tensor;
        if (dense.is_complex())
        {
            return dense.view_as_real();
        }

        return dense.dtype is ScalarType.Float32 or ScalarType.Float64 ? dense : dense.to(ScalarType.Float32);
    }
}
