using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>Which layer each of TorchSharp's module factories makes, with the parameter names and defaults of TorchSharp.</summary>
internal static class LayerCatalog
{
    private static readonly Dictionary<string, Func<Arguments, Layer?>> s_factories = new(StringComparer.Ordinal)
    {
        ["Linear"] = Linear,
        ["Conv1d"] = arguments => Convolution(arguments, 1),
        ["Conv2d"] = arguments => Convolution(arguments, 2),
        ["Conv3d"] = arguments => Convolution(arguments, 3),
        ["ConvTranspose1d"] = arguments => TransposedConvolution(arguments, 1),
        ["ConvTranspose2d"] = arguments => TransposedConvolution(arguments, 2),
        ["ConvTranspose3d"] = arguments => TransposedConvolution(arguments, 3),
        ["Embedding"] = arguments => new EmbeddingLayer(Size(arguments, "num_embeddings"), Size(arguments, "embedding_dims")) { Weight = EmbeddingLayer.DefaultWeight },
        ["MaxPool1d"] = arguments => PoolingCatalog.MaxPool(arguments, 1),
        ["MaxPool2d"] = arguments => PoolingCatalog.MaxPool(arguments, 2),
        ["MaxPool3d"] = arguments => PoolingCatalog.MaxPool(arguments, 3),
        ["AvgPool1d"] = arguments => PoolingCatalog.AvgPool(arguments, 1),
        ["AvgPool2d"] = arguments => PoolingCatalog.AvgPool(arguments, 2),
        ["AvgPool3d"] = arguments => PoolingCatalog.AvgPool(arguments, 3),
        ["AdaptiveAvgPool1d"] = arguments => PoolingCatalog.AdaptiveAvgPool(arguments, 1),
        ["AdaptiveAvgPool2d"] = arguments => PoolingCatalog.AdaptiveAvgPool(arguments, 2),
        ["AdaptiveAvgPool3d"] = arguments => PoolingCatalog.AdaptiveAvgPool(arguments, 3),
        ["AdaptiveMaxPool1d"] = arguments => PoolingCatalog.AdaptiveMaxPool(arguments, 1),
        ["AdaptiveMaxPool2d"] = arguments => PoolingCatalog.AdaptiveMaxPool(arguments, 2),
        ["BatchNorm1d"] = BatchNorm,
        ["BatchNorm2d"] = BatchNorm,
        ["BatchNorm3d"] = BatchNorm,
        ["InstanceNorm1d"] = InstanceNorm,
        ["InstanceNorm2d"] = InstanceNorm,
        ["InstanceNorm3d"] = InstanceNorm,
        ["LayerNorm"] = LayerNorm,
        ["GroupNorm"] = GroupNorm,
        ["Identity"] = _ => new ActivationLayer(Activation.Identity),
        ["Flatten"] = _ => new FlattenLayer(),
        ["Dropout"] = Dropout,
        ["Dropout1d"] = Dropout,
        ["Dropout2d"] = Dropout,
        ["Dropout3d"] = Dropout,
        ["ReLU"] = _ => new ActivationLayer(Activation.ReLU),
        ["ReLU6"] = _ => new ActivationLayer(Activation.ReLU6),
        ["LeakyReLU"] = arguments => arguments.Number("negative_slope") is { } slope ? new ActivationLayer(new LeakyReLU(slope)) : null,
        ["PReLU"] = arguments => arguments.Number("init") is { } slope ? new ActivationLayer(new PReLU(slope)) : null,
        ["ELU"] = arguments => arguments.Number("alpha") is { } alpha ? new ActivationLayer(new ELU(alpha)) : null,
        ["CELU"] = arguments => arguments.Number("alpha") is { } alpha ? new ActivationLayer(new CELU(alpha)) : null,
        ["SELU"] = _ => new ActivationLayer(Activation.SELU),
        ["GELU"] = _ => new ActivationLayer(Activation.GELU),
        ["SiLU"] = _ => new ActivationLayer(Activation.SiLU),
        ["Mish"] = _ => new ActivationLayer(Activation.Mish),
        ["Tanh"] = _ => new ActivationLayer(Activation.Tanh),
        ["Sigmoid"] = _ => new ActivationLayer(Activation.Sigmoid),
        ["Softsign"] = _ => new ActivationLayer(Activation.Softsign),
        ["Softplus"] = arguments => arguments.Number("beta") is { } beta ? new ActivationLayer(new Softplus(beta)) : null,
        ["Hardswish"] = _ => new ActivationLayer(Activation.Hardswish),
        ["Hardsigmoid"] = _ => new ActivationLayer(Activation.Hardsigmoid),
        ["Softmax"] = _ => new ActivationLayer(Activation.Softmax),
        ["LogSoftmax"] = _ => new ActivationLayer(Activation.LogSoftmax),
    };

    /// <summary>Null for a module that is not modelled, or whose arguments are not known.</summary>
    public static Layer? Create(string factory, Arguments arguments) =>
        s_factories.TryGetValue(factory, out Func<Arguments, Layer?>? create) ? create(arguments) : null;

    private static Layer? Linear(Arguments arguments) => arguments.Flag("hasBias") is { } hasBias
        ? new LinearLayer(Size(arguments, "inputSize"), Size(arguments, "outputSize"))
        {
            Weight = LinearLayer.DefaultWeight,
            Bias = hasBias ? LinearLayer.DefaultBias : null,
        }
        : null;

    private static Layer? Convolution(Arguments arguments, int axes) =>
        arguments.Sizes("kernel_size", axes) is { } kernel && arguments.Flag("bias") is { } bias && arguments.Integer("groups") is { } groups
            ? new ConvolutionLayer(Size(arguments, "in_channels"), Size(arguments, "out_channels"), kernel)
            {
                Weight = ConvolutionBase.DefaultWeight,
                Bias = bias ? ConvolutionBase.DefaultBias : null,
                Stride = arguments.Sizes("stride", axes),
                Padding = PaddingOf(arguments, kernel),
                Dilation = arguments.Sizes("dilation", axes),
                Groups = groups,
            }
            : null;

    private static Layer? TransposedConvolution(Arguments arguments, int axes) =>
        arguments.Sizes("kernel_size", axes) is { } kernel && arguments.Flag("bias") is { } bias && arguments.Integer("groups") is { } groups
            ? new TransposedConvolutionLayer(Size(arguments, "in_channels"), Size(arguments, "out_channels"), kernel)
            {
                Weight = ConvolutionBase.DefaultWeight,
                Bias = bias ? ConvolutionBase.DefaultBias : null,
                Stride = arguments.Sizes("stride", axes),
                Padding = arguments.Sizes("padding", axes),
                OutputPadding = arguments.Sizes("output_padding", axes),
                Dilation = arguments.Sizes("dilation", axes),
                Groups = groups,
            }
            : null;

    /// <summary><c>Padding.Same</c> keeps the size; <c>Padding.Valid</c> adds nothing.</summary>
    private static IReadOnlyList<int>? PaddingOf(Arguments arguments, IReadOnlyList<int> kernel) =>
        !arguments.IsEnum("padding") ? arguments.Sizes("padding", kernel.Count)
        : arguments.Integer("padding") == 1 ? [.. kernel.Select(size => (size - 1) / 2)]
        : null;

    private static Layer? BatchNorm(Arguments arguments) =>
        arguments.Number("eps") is { } eps ? new BatchNormLayer(Size(arguments, "num_features")) { Epsilon = eps } : null;

    private static Layer? InstanceNorm(Arguments arguments) =>
        arguments.Number("eps") is { } eps ? new InstanceNormLayer(Size(arguments, "num_features")) { Epsilon = eps } : null;

    private static Layer? LayerNorm(Arguments arguments) =>
        arguments.Number("eps") is { } eps
            ? new LayerNormLayer(arguments.Sizes("normalized_shape", 1)?.Select(size => (int?)size).ToArray()) { Epsilon = eps }
            : null;

    private static Layer? GroupNorm(Arguments arguments) =>
        arguments.Number("eps") is { } eps && Size(arguments, "num_groups") is { } groups
            ? new GroupNormLayer(groups, Size(arguments, "num_channels")) { Epsilon = eps }
            : null;

    private static Layer? Dropout(Arguments arguments) =>
        arguments.Number("p") is >= 0 and < 1 and double probability ? new DropoutLayer(probability) : null;

    private static int? Size(Arguments arguments, string parameter) => arguments.Integer(parameter) is > 0 and int size ? size : null;
}
