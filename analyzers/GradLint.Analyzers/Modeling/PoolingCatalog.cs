using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>Pooling, which TorchSharp has as modules and as functions, with the same parameters.</summary>
internal static class PoolingCatalog
{
    public static Layer? MaxPool(Arguments arguments, int axes) => arguments.Sizes("kernel_size", axes) is { } kernel
        ? new MaxPoolLayer(kernel)
        {
            Stride = StrideOf(arguments, axes),
            Padding = arguments.Sizes("padding", axes),
            Dilation = arguments.Sizes("dilation", axes),
            RoundsUp = RoundsUp(arguments),
        }
        : arguments.IsExtent("kernel_size") ? new AdaptiveMaxPoolLayer([.. System.Linq.Enumerable.Repeat(1, axes)])
        : null;

    public static Layer? AvgPool(Arguments arguments, int axes) => arguments.IsGiven("divisor_override") ? null : arguments.Sizes("kernel_size", axes) is { } kernel
        ? new AvgPoolLayer(kernel)
        {
            Stride = StrideOf(arguments, axes),
            Padding = arguments.Sizes("padding", axes),
            RoundsUp = RoundsUp(arguments),
            LeavesOutPadding = arguments.Flag("count_include_pad") == false,
        }
        : arguments.IsExtent("kernel_size") ? new AdaptiveAvgPoolLayer([.. System.Linq.Enumerable.Repeat(1, axes)])
        : null;

    public static Layer? AdaptiveAvgPool(Arguments arguments, int axes) =>
        arguments.Sizes("output_size", axes) is { } size ? new AdaptiveAvgPoolLayer(size) : null;

    public static Layer? AdaptiveMaxPool(Arguments arguments, int axes) =>
        arguments.Sizes("output_size", axes) is { } size ? new AdaptiveMaxPoolLayer(size) : null;

    private static bool RoundsUp(Arguments arguments) => arguments.Flag("ceil_mode") == true;

    /// <summary>One of the functions calls it <c>strides</c>.</summary>
    private static System.Collections.Generic.IReadOnlyList<int>? StrideOf(Arguments arguments, int axes) =>
        arguments.Sizes("stride", axes) ?? arguments.Sizes("strides", axes);
}
