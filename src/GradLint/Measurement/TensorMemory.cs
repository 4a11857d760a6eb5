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
    public static bool TryGetFloats(Tensor tensor, out Span<byte> bytes, out ScalarType type)
    {
        type = tensor.dtype;
        bytes = [];
        return type is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16
            && TryGetBytes(tensor, out bytes);
    }
}
