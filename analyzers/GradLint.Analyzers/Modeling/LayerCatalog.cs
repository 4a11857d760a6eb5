using System;
using System.Collections.Generic;
using System.Linq;
using GradLint.SignalPropagation;

namespace GradLint.Modeling;

/// <summary>Which layer each of TorchSharp's module factories makes, with the parameter names and defaults of TorchSharp.</summary>
internal static class LayerCatalog
{
    private const string DropoutAssumption = "unknown dropout rates are 0.1";

    private const double UsualDropout = 0.1;

    private static readonly Dictionary<string, Func<Arguments, Layer?>> s_factories = new(StringComparer.Ordinal)
    {
        ["Linear"] = Linear,
        ["Conv1d"] = arguments => Convolution(arguments, 1),
        ["Conv2d"] = arguments => Convolution(arguments, 2),
        ["Conv3d"] = arguments => Convolution(arguments, 3),
        ["ConvTranspose1d"] = arguments => TransposedConvolution(arguments, 1),
        ["ConvTranspose2d"] = arguments => TransposedConvolution(arguments, 2),
        ["ConvTranspose3d"] = arguments => TransposedConvolution(arguments, 3),
        ["RNN"] = arguments => Recurrent(arguments, new RNNLayer(null, null) { Weight = RecurrentLayer.DefaultWeight, Nonlinearity = NonlinearityOf(arguments) }),
        ["LSTM"] = arguments => Recurrent(arguments, new LSTMLayer(null, null) { Weight = RecurrentLayer.DefaultWeight }),
        ["GRU"] = arguments => Recurrent(arguments, new GRULayer(null, null) { Weight = RecurrentLayer.DefaultWeight }),
        ["MultiheadAttention"] = Attention,
        ["TransformerEncoderLayer"] = EncoderLayer,
        ["Embedding"] = arguments => new EmbeddingLayer(Size(arguments, "num_embeddings"), Size(arguments, "embedding_dims")) { Weight = EmbeddingLayer.DefaultWeight },
        // The values of torch.nn.EmbeddingBagMode: sum is 0, mean 1.
        ["EmbeddingBag"] = arguments => arguments.Integer("mode") == 1
            ? new EmbeddingLayer(Size(arguments, "num_embeddings"), Size(arguments, "embedding_dims")) { Weight = EmbeddingLayer.DefaultWeight }
            : null,
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
        ["Flatten"] = arguments => arguments.Integer("start_dim") == 1 && arguments.Integer("end_dim") == -1 ? new FlattenLayer() : null,
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
        ["GELU"] = arguments => new ActivationLayer(arguments.Integer("approximate") == 1 ? Activation.GELUTanh : Activation.GELU),
        ["SiLU"] = _ => new ActivationLayer(Activation.SiLU),
        ["Mish"] = _ => new ActivationLayer(Activation.Mish),
        ["Tanh"] = _ => new ActivationLayer(Activation.Tanh),
        ["Sigmoid"] = _ => new ActivationLayer(Activation.Sigmoid),
        ["Softsign"] = _ => new ActivationLayer(Activation.Softsign),
        ["Softplus"] = arguments => arguments.Number("beta") is { } beta ? new ActivationLayer(new Softplus(beta)) : null,
        ["LogSigmoid"] = _ => new ActivationLayer(Activation.LogSigmoid),
        ["Tanhshrink"] = _ => new ActivationLayer(Activation.Tanhshrink),
        ["Hardshrink"] = arguments => arguments.Number("lambda") is { } bound ? new ActivationLayer(new Hardshrink(bound)) : null,
        ["Softshrink"] = arguments => arguments.Number("lambda") is { } bound ? new ActivationLayer(new Softshrink(bound)) : null,
        // TorchSharp's takes the mean slope in training mode, too.
        ["RReLU"] = arguments => arguments.Number("lower") + arguments.Number("upper") is { } bounds ? new ActivationLayer(new LeakyReLU(0.5 * bounds)) : null,
        ["Hardswish"] = _ => new ActivationLayer(Activation.Hardswish),
        ["Hardsigmoid"] = _ => new ActivationLayer(Activation.Hardsigmoid),
        ["Softmax"] = _ => new ActivationLayer(Activation.Softmax),
        ["LogSoftmax"] = _ => new ActivationLayer(Activation.LogSoftmax),
    };

    /// <summary>Null for a module that is not modelled, or whose arguments are not known.</summary>
    public static Layer? Create(string factory, Arguments arguments) =>
        s_factories.TryGetValue(factory, out Func<Arguments, Layer?>? create) ? create(arguments) : null;

    /// <summary>What the layer takes for granted, as its arguments do not tell or it has no place for them; null where there is nothing.</summary>
    public static string? AssumptionOf(Layer layer, Arguments arguments) => layer switch
    {
        DropoutLayer when arguments.Number("p") is null => DropoutAssumption,
        RecurrentLayer { Layers: > 1 } when arguments.Number("dropout") != 0 => "dropout between the layers of a recurrent stack is left out",
        _ => null,
    };

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

    private static Layer? Recurrent(Arguments arguments, RecurrentLayer layer) =>
        arguments.Flag("bidirectional") is { } both && arguments.Flag("bias") is { } bias && arguments.Integer("numLayers") is > 0 and int layers
            ? layer with
            {
                InputSize = Size(arguments, "inputSize"),
                HiddenSize = Size(arguments, "hiddenSize"),
                Layers = layers,
                IsBidirectional = both,
                Bias = bias ? RecurrentLayer.DefaultWeight : null,
            }
            : null;

    /// <summary>The values of <c>torch.nn.NonLinearities</c>: ReLU is 0, tanh 1.</summary>
    private static Activation NonlinearityOf(Arguments arguments) => arguments.Integer("nonLinearity") == 0 ? Activation.ReLU : Activation.Tanh;

    private static Layer? Attention(Arguments arguments) =>
        Size(arguments, "num_heads") is { } heads && !arguments.IsGiven("kdim") && !arguments.IsGiven("vdim")
            && arguments.Flag("add_bias_kv") == false && arguments.Flag("add_zero_attn") == false
            ? new MultiheadAttentionLayer(Size(arguments, "embedded_dim"), heads) { Weight = MultiheadAttentionLayer.DefaultWeight }
            : null;

    private static Layer? EncoderLayer(Arguments arguments) =>
        arguments.Number("dropout") is >= 0 and < 1 and double dropout
            ? new TransformerEncoderLayer(Size(arguments, "d_model"), Size(arguments, "nhead") ?? 1, Size(arguments, "dim_feedforward"))
            {
                // The values of torch.nn.Activations: ReLU is 0, GELU 1.
                Function = arguments.Integer("activation") == 1 ? Activation.GELU : Activation.ReLU,
                Dropout = dropout,
            }
            : null;

    /// <summary>Whatever the rate, it changes little: one that is not known stops no prediction.</summary>
    public static Layer? Dropout(Arguments arguments) => arguments.Number("p") switch
    {
        null => new DropoutLayer(UsualDropout),
        >= 0 and < 1 and double probability => new DropoutLayer(probability),
        _ => null,
    };

    private static int? Size(Arguments arguments, string parameter) => arguments.Integer(parameter) is > 0 and int size ? size : null;
}
