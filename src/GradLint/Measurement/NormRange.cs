using static TorchSharp.torch;

namespace GradLint;

/// <summary>How large an L2 norm can be before libtorch, which computes it in the gradients' own type, gets infinity.</summary>
internal static class NormRange
{
    private static readonly double s_single = Math.Sqrt(float.MaxValue);
    private static readonly double s_double = Math.Sqrt(double.MaxValue);

    /// <summary>Half gradients are squared in single precision: there the norm itself is what no longer fits.</summary>
    public static double LargestNorm(ScalarType type) => type switch
    {
        ScalarType.Float16 => (double)Half.MaxValue,
        ScalarType.Float64 or ScalarType.ComplexFloat64 => s_double,
        _ => s_single,
    };
}
