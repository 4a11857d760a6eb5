using GradLint.SignalPropagation;
using TorchSharp;
using static TorchSharp.torch;
using M = TorchSharp.Modules;

namespace GradLint;

/// <summary>One TorchSharp module as a layer of the prediction.</summary>
/// <param name="weights">Where the initializers come from.</param>
/// <param name="assume">Takes the assumptions.</param>
internal sealed class ModuleTranslation(WeightReader weights, Action<string> assume)
{
    private const string Reverse = "_reverse";

    /// <summary>The layer; an opaque one with the reason where there is none.</summary>
    public SignalPropagation.Layer Translate(nn.Module module, string name) => module switch
    {
        M.Linear linear => new LinearLayer((int)linear.in_features, (int)linear.out_features)
        {
            Weight = weights.Weight(linear.weight!, LinearLayer.DefaultWeight),
            Bias = weights.Bias(linear.bias, LinearLayer.DefaultBias),
        },
        M.Convolution convolution => Convolution(convolution, name),
        M.Embedding { weight: { } table } => new EmbeddingLayer((int)table.shape[0], (int)table.shape[1]) { Weight = weights.Weight(table, EmbeddingLayer.DefaultWeight) },
        M.RNN or M.LSTM or M.GRU => Recurrent(module),
        M.MultiheadAttention => Attention(module),
        M.TransformerEncoderLayer or M.TransformerDecoderLayer => Transformer(module, name),
        M.Upsample upsample => Upsample(upsample),
        M.Flatten { start_dim: 1, end_dim: -1 } => new FlattenLayer(),
        M.Dropout dropout => Dropout(dropout, dropout.p),
        M.Dropout1d dropout => ChannelDropout(dropout, dropout.p),
        M.Dropout2d dropout => ChannelDropout(dropout, dropout.p),
        M.Dropout3d dropout => ChannelDropout(dropout, dropout.p),
        _ => Normalization(module) ?? Pooling(module) ?? Activation(module) ?? Unknown(module),
    };

    private static OpaqueLayer Unknown(nn.Module module) => new(
        module.GetType().Namespace == typeof(M.Linear).Namespace ? $"{module.GetType().Name} has no prediction"
        : module.named_parameters(recurse: false).Any() ? $"what {module.GetType().Name} does with its own parameters cannot be seen"
        : $"what {module.GetType().Name} computes cannot be seen");

    private static ActivationLayer Identity() => new(SignalPropagation.Activation.Identity);

    private static SignalPropagation.Layer Dropout(nn.Module module, double probability) => module.training && probability > 0 ? new DropoutLayer(probability) : Identity();

    private SignalPropagation.Layer ChannelDropout(nn.Module module, double probability)
    {
        assume("dropping whole channels acts on the moments as dropping single units does");
        return Dropout(module, probability);
    }

    private ConvolutionBase Convolution(M.Convolution convolution, string name)
    {
        if (convolution.padding_mode != PaddingModes.Zeros)
        {
            assume($"the padding of '{name}' ({convolution.padding_mode}) acts as zeros do");
        }

        int[] kernel = Sizes(convolution.kernel_size)!;
        int[] dilation = Sizes(convolution.dilation)!;
        int[]? padding = convolution.padding_type switch
        {
            Padding.Same => [.. kernel.Select((size, axis) => dilation[axis] * (size - 1) / 2)],
            Padding.Valid => null,
            _ => Sizes(convolution.padding),
        };
        Initializer weight = weights.Weight(convolution.weight!, ConvolutionBase.DefaultWeight);
        Initializer? bias = weights.Bias(convolution.bias, ConvolutionBase.DefaultBias);
        int channels = (int)convolution.in_channels;
        int outputs = (int)convolution.out_channels;
        ConvolutionBase layer = convolution.transposed
            ? new TransposedConvolutionLayer(channels, outputs, kernel) { Weight = weight, OutputPadding = Sizes(convolution.output_padding) }
            : new ConvolutionLayer(channels, outputs, kernel) { Weight = weight };
        return layer with { Bias = bias, Stride = Sizes(convolution.stride), Padding = padding, Dilation = dilation, Groups = (int)convolution.groups };
    }

    private SignalPropagation.Layer Recurrent(nn.Module module)
    {
        Dictionary<string, M.Parameter> own = module.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        M.Parameter recurrent = own["weight_hh_l0"];
        M.Parameter input = own["weight_ih_l0"];
        RecurrentLayer layer = module switch
        {
            M.LSTM => new LSTMLayer((int)input.shape[1], (int)recurrent.shape[1]) { Weight = RecurrentLayer.DefaultWeight },
            M.GRU => new GRULayer((int)input.shape[1], (int)recurrent.shape[1]) { Weight = RecurrentLayer.DefaultWeight },
            _ => new RNNLayer((int)input.shape[1], (int)recurrent.shape[1]) { Weight = RecurrentLayer.DefaultWeight, Nonlinearity = Nonlinearity((M.RNN)module, input) },
        };
        return layer with
        {
            Weight = weights.Weight(recurrent, RecurrentLayer.DefaultWeight),
            InputWeight = weights.Weight(input, RecurrentLayer.DefaultWeight),
            Bias = weights.Bias(own.GetValueOrDefault("bias_hh_l0"), RecurrentLayer.DefaultWeight),
            Layers = own.Keys.Count(key => key.StartsWith("weight_hh_l", StringComparison.Ordinal) && !key.EndsWith(Reverse, StringComparison.Ordinal)),
            IsBidirectional = own.Keys.Any(key => key.EndsWith(Reverse, StringComparison.Ordinal)),
        };
    }

    /// <summary>The layers of a transformer's stack, named as their parameters are, as TorchSharp shows the parameters only; null for other modules.</summary>
    public IEnumerable<(string Name, TransformerLayer Layer)>? Stacked(nn.Module module, string name)
    {
        if (module is not (M.TransformerEncoder or M.TransformerDecoder))
        {
            return null;
        }

        IEnumerable<string> layers = module.named_parameters().Select(parameter => parameter.name.Split('.')).Where(parts => parts is ["layers", _, ..]).Select(parts => $"layers.{parts[1]}").Distinct();
        return layers.Select(layer => ($"{name}.{layer}", Transformer(module, name, layer + ".")));
    }

    private TransformerLayer Transformer(nn.Module module, string name, string prefix = "")
    {
        Dictionary<string, M.Parameter> own = module.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        assume($"'{name}' has ReLU and drops 0.1, its weights are as TorchSharp draws them, and its batch comes before the sequence: none of it can be seen from outside");
        int width = (int)own[prefix + "self_attn.in_proj_weight"].shape[1];
        int inner = (int)own[prefix + "linear1.weight"].shape[0];
        TransformerLayer layer = module is M.TransformerDecoderLayer or M.TransformerDecoder
            ? new TransformerDecoderLayer(width, Heads: 1, inner)
            : new TransformerEncoderLayer(width, Heads: 1, inner);
        return layer with { Dropout = module.training ? layer.Dropout : 0 };
    }

    private static SignalPropagation.Layer Upsample(M.Upsample upsample) => upsample.mode switch
    {
        UpsampleMode.Nearest or UpsampleMode.Linear or UpsampleMode.Bilinear or UpsampleMode.Trilinear => new UpsampleLayer(
            upsample.scale_factor.IsEmpty ? null : upsample.scale_factor.ToArray(), upsample.size.IsEmpty ? null : Sizes(upsample.size.ToArray()))
        {
            Mode = upsample.mode == UpsampleMode.Nearest ? Upsampling.Nearest : Upsampling.Linear,
            AlignCorners = upsample.align_corners ?? false,
        },
        _ => new OpaqueLayer($"Upsample that is {upsample.mode} has no prediction"),
    };

    // TorchSharp does not tell. tanh answers an input or its opposite with something negative, ReLU never does.
    private static Activation Nonlinearity(M.RNN rnn, Tensor weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        bool training = rnn.training;
        rnn.eval();
        Tensor one = ones([1, 1, weight.shape[1]], weight.dtype, weight.device);
        double least = Math.Min(Least(rnn, one), Least(rnn, -one));
        rnn.train(training);
        return least < 0 ? SignalPropagation.Activation.Tanh : SignalPropagation.Activation.ReLU;
    }

    private static double Least(M.RNN rnn, Tensor input) => rnn.forward(input, null).Item1.min().to(ScalarType.Float64).item<double>();

    private SignalPropagation.Layer Attention(nn.Module module)
    {
        Dictionary<string, M.Parameter> own = module.named_parameters().ToDictionary(parameter => parameter.name, parameter => parameter.parameter);
        if (!own.TryGetValue("in_proj_weight", out M.Parameter? projections) || !own.TryGetValue("out_proj.weight", out M.Parameter? output))
        {
            return new OpaqueLayer("attention whose keys or values have a size of their own has no prediction");
        }

        // The number of heads, which TorchSharp does not tell, does not matter to scaled attention.
        return new MultiheadAttentionLayer((int)projections.shape[1], Heads: 1)
        {
            Weight = weights.Weight(projections, MultiheadAttentionLayer.DefaultWeight),
            OutputWeight = weights.Weight(output, LinearLayer.DefaultWeight),
        };
    }

    private SignalPropagation.Layer? Normalization(nn.Module module) => module switch
    {
        M.BatchNorm { training: false, track_running_stats: true } => new OpaqueLayer("BatchNorm in evaluation mode divides by its running statistics"),
        M.BatchNorm norm => new BatchNormLayer((int)norm.num_features) { Epsilon = norm.eps, Scale = weights.Scale(norm.weight) },
        M.InstanceNorm { training: false, track_running_stats: true } => new OpaqueLayer("InstanceNorm in evaluation mode divides by its running statistics"),
        M.InstanceNorm norm => new InstanceNormLayer((int)norm.num_features) { Epsilon = norm.eps, Scale = weights.Scale(norm.weight) },
        M.LayerNorm norm => new LayerNormLayer([.. norm.normalized_shape.Select(size => (int?)size)]) { Epsilon = norm.eps, Scale = weights.Scale(norm.weight) },
        M.GroupNorm norm => new GroupNormLayer((int)norm.num_groups) { Epsilon = norm.eps, Scale = weights.Scale(norm.weight) },
        _ => null,
    };

    private static SignalPropagation.Layer? Pooling(nn.Module module) => module switch
    {
        M.AvgPool1d pool => new AvgPoolLayer([(int)pool.kernel_size]) { Stride = Sizes(pool.stride), Padding = Sizes(pool.padding), RoundsUp = pool.ceil_mode, LeavesOutPadding = !pool.count_include_pad },
        M.AvgPool2d pool => new AvgPoolLayer(Sizes(pool.kernel_size)!) { Stride = Sizes(pool.stride), Padding = Sizes(pool.padding), RoundsUp = pool.ceil_mode, LeavesOutPadding = !pool.count_include_pad },
        M.AvgPool3d pool => new AvgPoolLayer(Sizes(pool.kernel_size)!) { Stride = Sizes(pool.stride), Padding = Sizes(pool.padding), RoundsUp = pool.ceil_mode, LeavesOutPadding = !pool.count_include_pad },
        M.MaxPool1d pool => new MaxPoolLayer([(int)pool.kernel_size]) { Stride = Sizes(pool.stride), Padding = Sizes(pool.padding), Dilation = Sizes(pool.dilation), RoundsUp = pool.ceil_mode },
        M.MaxPool2d pool => new MaxPoolLayer(Sizes(pool.kernel_size)!) { Stride = Sizes(pool.stride), Padding = Sizes(pool.padding), Dilation = Sizes(pool.dilation), RoundsUp = pool.ceil_mode },
        M.MaxPool3d pool => new MaxPoolLayer(Sizes(pool.kernel_size)!) { Stride = Sizes(pool.stride), Padding = Sizes(pool.padding), Dilation = Sizes(pool.dilation), RoundsUp = pool.ceil_mode },
        M.AdaptiveAvgPool1d pool => new AdaptiveAvgPoolLayer([(int)pool.output_size]),
        M.AdaptiveAvgPool2d pool => new AdaptiveAvgPoolLayer(Sizes(pool.output_size)),
        M.AdaptiveAvgPool3d pool => new AdaptiveAvgPoolLayer(Sizes(pool.output_size)),
        M.AdaptiveMaxPool1d pool => new AdaptiveMaxPoolLayer([(int)pool.output_size]),
        M.AdaptiveMaxPool2d pool => new AdaptiveMaxPoolLayer(Sizes(pool.output_size)),
        M.AdaptiveMaxPool3d pool => new AdaptiveMaxPoolLayer(Sizes(pool.output_size)),
        _ => null,
    };

    private static SignalPropagation.Layer? Activation(nn.Module module) => module switch
    {
        M.Hardtanh { inplace: false } => new OpaqueLayer("TorchSharp's Hardtanh returns its input as it is, unless it works in place (GL5002)"),
        M.Softmax { dim: not (1 or -1) } or M.LogSoftmax { dim: not (1 or -1) } => new OpaqueLayer($"{module.GetType().Name} over an axis other than that of the features has no prediction"),
        _ => FunctionOf(module) is { } function ? new ActivationLayer(function) : null,
    };

    private static Activation? FunctionOf(nn.Module module) => module switch
    {
        M.Identity => SignalPropagation.Activation.Identity,
        M.ReLU => SignalPropagation.Activation.ReLU,
        M.LeakyReLU leaky => new LeakyReLU(leaky.negative_slope),
        M.PReLU prelu => new PReLU(MeanOf(prelu.weight)),
        // TorchSharp's takes the mean slope in training mode, too.
        M.RReLU rrelu => new LeakyReLU(0.5 * (rrelu.lower + rrelu.upper)),
        M.ReLU6 => SignalPropagation.Activation.ReLU6,
        M.ELU elu => new ELU(elu.alpha),
        M.CELU celu => new CELU(celu.alpha),
        M.SELU => SignalPropagation.Activation.SELU,
        M.GELU { approximate: M.GELU.Approximate.tanh } => SignalPropagation.Activation.GELUTanh,
        M.GELU => SignalPropagation.Activation.GELU,
        M.SiLU => SignalPropagation.Activation.SiLU,
        M.Mish => SignalPropagation.Activation.Mish,
        M.Tanh => SignalPropagation.Activation.Tanh,
        M.Sigmoid => SignalPropagation.Activation.Sigmoid,
        M.Softsign => SignalPropagation.Activation.Softsign,
        M.Softplus softplus => new Softplus(softplus.beta),
        M.LogSigmoid => SignalPropagation.Activation.LogSigmoid,
        M.Tanhshrink => SignalPropagation.Activation.Tanhshrink,
        M.Hardshrink shrink => new Hardshrink(shrink.lambda),
        M.Softshrink shrink => new Softshrink(shrink.lambda),
        M.Hardtanh bounds => new Hardtanh(bounds.min_val, bounds.max_val),
        M.Hardswish => SignalPropagation.Activation.Hardswish,
        M.Hardsigmoid => SignalPropagation.Activation.Hardsigmoid,
        M.Softmax => SignalPropagation.Activation.Softmax,
        M.LogSoftmax => SignalPropagation.Activation.LogSoftmax,
        _ => null,
    };

    private static double MeanOf(Tensor tensor)
    {
        using Tensor mean = tensor.detach().to(ScalarType.Float64).mean();
        return mean.item<double>();
    }

    private static int[]? Sizes(long[]? sizes) => sizes is null ? null : [.. sizes.Select(size => (int)size)];

    private static int[]? Sizes(long? size) => size is { } known ? [(int)known] : null;
}
