using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint;

/// <summary>
/// Tells whether a tensor object still is a parameter's gradient. TorchSharp makes a new object, with a finalizer, each time that a
/// gradient is read: asking its native library instead makes none.
/// </summary>
/// <remarks>
/// Uses two functions of TorchSharp's native library by their names, unchanged since its first releases. Where a future version lacks
/// them, nothing is taken for the same.
/// </remarks>
internal static unsafe partial class GradientIdentity
{
    private const string Library = "LibTorchSharp";

    private static readonly bool s_canTell = NativeLibrary.TryLoad(Library, typeof(Parameter).Assembly, null, out nint library)
        && NativeLibrary.TryGetExport(library, nameof(THSTensor_grad), out _)
        && NativeLibrary.TryGetExport(library, nameof(THSTensor_dispose), out _);

    /// <summary>Whether a gradient can be known again.</summary>
    public static bool CanTell => s_canTell;

    public static bool IsGradientOf(Tensor tensor, Parameter parameter)
    {
        if (!s_canTell)
        {
            return false;
        }

        nint current = THSTensor_grad(parameter.Handle);
        if (current == 0)
        {
            return false;
        }

        bool isSame = *(nint*)current == TensorIdentity.Of(tensor);
        THSTensor_dispose(current);
        return isSame;
    }

    [LibraryImport(Library)]
    private static partial nint THSTensor_grad(nint tensor);

    [LibraryImport(Library)]
    private static partial void THSTensor_dispose(nint tensor);
}
