using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Which tensor an object stands for. TorchSharp may make several objects for one: each read of an <c>Embedding</c>'s weight is a new one,
/// with a handle of its own, so that weights tied to it look like others.
/// </summary>
/// <remarks>A handle points to libtorch's <c>at::Tensor</c>, which is one pointer to the tensor itself.</remarks>
internal static unsafe class TensorIdentity
{
    /// <summary>The same number for two objects only if they are one tensor.</summary>
    public static nint Of(Tensor tensor) => *(nint*)tensor.Handle;
}
