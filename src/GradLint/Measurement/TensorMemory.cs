using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>The elements of a tensor that lie in one piece in this process's memory.</summary>
internal static class TensorMemory
{
    /// <summary>False if the elements are on another device, sparse, strided, or more than a span can hold.</summary>
    public static bool TryGetBytes(Tensor tensor, out Span<byte> bytes)
    {
        bool readable = tensor.device_type == DeviceType.CPU
            && !tensor.is_sparse
            && tensor.NumberOfElements * tensor.ElementSize <= int.MaxValue
            && tensor.is_contiguous();
        bytes = readable ? tensor.bytes : [];
        return readable;
    }

    /// <summary>False if the elements are not there to be read, or of a type that has no kernel.</summary>
    public static bool TryScan(Tensor tensor, out TensorStatistics statistics)
    {
        statistics = TensorStatistics.Empty;
        if (!TryGetBytes(tensor, out Span<byte> bytes))
        {
            return false;
        }

        switch (tensor.dtype)
        {
            case ScalarType.Float32:
                statistics = VectorScan.Scan(MemoryMarshal.Cast<byte, float>(bytes));
                return true;
            case ScalarType.Float64:
                statistics = VectorScan.Scan(MemoryMarshal.Cast<byte, double>(bytes));
                return true;
            case ScalarType.Float16:
                statistics = VectorScan.Scan<HalfFormat>(MemoryMarshal.Cast<byte, ushort>(bytes));
                return true;
            case ScalarType.BFloat16:
                statistics = VectorScan.Scan<BFloat16Format>(MemoryMarshal.Cast<byte, ushort>(bytes));
                return true;
            default:
                return false;
        }
    }
}
