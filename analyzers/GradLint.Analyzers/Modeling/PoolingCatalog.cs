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
        }
        : arguments.IsExtent("kernel_size") ? new AdaptiveMaxPoolLayer([.. System.Linq.Enumerable.Repeat(1, axes)])
        : null;

    public static Layer? AvgPool(Arguments arguments, int axes) => arguments.Sizes("kernel_size", axes) is { } kernel
        ? new AvgPoolLayer(kernel) { Stride = StrideOf(arguments, axes), Padding = arguments.Sizes("padding", axes) }
        : arguments.IsExtent("kernel_size") ? new AdaptiveAvgPoolLayer([.. System.Linq.Enumerable.Repeat(1, axes)])
        : null;

    public static Layer? AdaptiveAvgPool(Arguments arguments, int axes) =>
        arguments.Sizes("output_size", axes) is { } size ? new AdaptiveAvgPoolLayer(size) : null;

    public static Layer? AdaptiveMaxPool(Arguments arguments, int axes) =>
        arguments.Sizes("output_size", axes) is { } size ? new AdaptiveMaxPoolLayer(size) : null;

    /// <summary>One of the functions calls it <c>strides</c>.</summary>
    private static System.Collections.Generic.IReadOnlyList<int>? StrideOf(Arguments arguments, int axes) =>
        arguments.Sizes("stride", axes) ?? arguments.Sizes("strides", axes);
}
