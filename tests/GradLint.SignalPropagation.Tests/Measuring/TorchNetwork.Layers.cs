using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace GradLint.SignalPropagation.Tests.Measuring;

internal sealed partial class TorchNetwork
{
    private Tensor ApplyOther(GraphNode node, Tensor[] inputs) => node.Layer switch
    {
        ConvolutionLayer convolution => Convolve(node, convolution, inputs[0]),
        TransposedConvolutionLayer transposed => ConvolveTransposed(node, transposed, inputs[0]),
        AvgPoolLayer pool => F.avg_pool2d(inputs[0], Longs(pool.Kernel, 2)!, Longs(pool.Stride, 2), Longs(pool.Padding, 2), pool.RoundsUp, !pool.LeavesOutPadding),
        MaxPoolLayer pool => F.max_pool2d(inputs[0], Longs(pool.Kernel, 2)!, Longs(pool.Stride, 2), Longs(pool.Padding, 2), ceil_mode: pool.RoundsUp),
        AdaptiveAvgPoolLayer pool => F.adaptive_avg_pool2d(inputs[0], Longs(pool.OutputSize ?? [1], 2)!),
        AdaptiveMaxPoolLayer => inputs[0].amax([2, 3], keepdim: true),
        UpsampleLayer upsample => Upsample(upsample, inputs[0]),
        BatchNormLayer norm => Normalize(node, norm, inputs[0], [.. Enumerable.Range(0, (int)inputs[0].dim()).Where(axis => axis != 1).Select(axis => (long)axis)]),
        LayerNormLayer norm => Normalize(node, norm, inputs[0], [.. Enumerable.Range(1, norm.NormalizedShape?.Count ?? 1).Select(axis => (long)-axis)]),
        InstanceNormLayer norm => Normalize(node, norm, inputs[0], [2, 3]),
        GroupNormLayer norm => NormalizeGroups(norm, inputs[0]),
        RMSNormLayer norm => inputs[0] / (inputs[0].square().mean([-1L], true) + norm.Epsilon).sqrt(),
        EmbeddingLayer embedding => Weight(node, embedding, [embedding.Count!.Value, embedding.Dimension!.Value])[Tokens(inputs[0], embedding.Count.Value)],
        ConcatLayer => cat(inputs, inputs[0].dim() == 4 ? 1 : -1),
        RecurrentLayer recurrent => Recur(node, recurrent, inputs[0]),
        MultiheadAttentionLayer attention => Attend(node, attention, inputs),
        SelectLayer => inputs[0].select(1, -1),
        MeanLayer => inputs[0].mean([1L]),
        _ => throw new NotSupportedException(node.Layer.Kind),
    };

    private Tensor Convolve(GraphNode node, ConvolutionLayer layer, Tensor x)
    {
        Tensor weight = Weight(node, layer, [layer.OutChannels!.Value, layer.InChannels!.Value / layer.Groups, .. layer.Kernel.Select(size => (long)size)]);
        int axes = layer.Kernel.Count;
        return axes == 1
            ? F.conv1d(x, weight, Bias(node, layer, layer.OutChannels.Value), Longs(layer.Stride, 1)?[0] ?? 1, Longs(layer.Padding, 1)?[0] ?? 0, Longs(layer.Dilation, 1)?[0] ?? 1, layer.Groups)
            : F.conv2d(x, weight, Bias(node, layer, layer.OutChannels.Value), Longs(layer.Stride, 2), Longs(layer.Padding, 2), Longs(layer.Dilation, 2), layer.Groups);
    }

    private Tensor ConvolveTransposed(GraphNode node, TransposedConvolutionLayer layer, Tensor x)
    {
        Tensor weight = Weight(node, layer, [layer.InChannels!.Value, layer.OutChannels!.Value / layer.Groups, .. layer.Kernel.Select(size => (long)size)]);
        return F.conv_transpose2d(
            x, weight, Bias(node, layer, layer.OutChannels.Value), Longs(layer.Stride, 2), Longs(layer.Padding, 2), Longs(layer.OutputPadding, 2), Longs(layer.Dilation, 2), layer.Groups);
    }

    private static Tensor Upsample(UpsampleLayer layer, Tensor x)
    {
        int axes = (int)x.dim() - 2;
        double[]? scale = layer.Scale is null ? null : [.. Enumerable.Range(0, axes).Select(axis => layer.Scale[Math.Min(axis, layer.Scale.Count - 1)])];
        bool linear = layer.Mode == Upsampling.Linear;
        InterpolationMode mode = !linear ? InterpolationMode.Nearest : axes == 1 ? InterpolationMode.Linear : InterpolationMode.Bilinear;
        return F.interpolate(x, layer.Size is null ? null : Longs(layer.Size, axes), scale, mode, linear ? layer.AlignCorners : null);
    }

    private static Tensor Normalize(GraphNode node, NormalizationLayer norm, Tensor x, long[] axes)
    {
        Tensor centred = x - x.mean(axes, true);
        Tensor normalized = centred / (centred.square().mean(axes, true) + norm.Epsilon).sqrt();
        return norm.Scale is Zeros ? throw new NotSupportedException($"{node.Name}: a closed branch") : normalized;
    }

    private static Tensor NormalizeGroups(GroupNormLayer norm, Tensor x)
    {
        Tensor groups = x.reshape([x.shape[0], norm.Groups, -1]);
        Tensor centred = groups - groups.mean([2L], true);
        return (centred / (centred.square().mean([2L], true) + norm.Epsilon).sqrt()).reshape(x.shape);
    }

    private Tensor Recur(GraphNode node, RecurrentLayer layer, Tensor x)
    {
        x = x.requires_grad ? x : x.requires_grad_(true);
        if (!x.is_leaf)
        {
            x.retain_grad();
        }

        RecurrentInputs[node.Name] = x;
        long hidden = layer.HiddenSize!.Value;
        long inputs = layer.InputSize!.Value;
        Fans fans = new(hidden, layer.Gates * hidden);
        for (int i = 0; i < layer.Layers; i++)
        {
            string suffix = i == 0 ? "" : $"_{i}";
            Tensor forward = Run(x, suffix);
            x = layer.IsBidirectional ? cat([forward, Run(x.flip(1), suffix + "_reverse").flip(1)], -1) : forward;
            inputs = layer.IsBidirectional ? 2 * hidden : hidden;
        }

        return x;

        Tensor Run(Tensor x, string suffix)
        {
            Tensor whh = Parameter(node, "weight" + suffix, () => TorchInitializer.Draw(layer.Weight, [layer.Gates * hidden, hidden], fans));
            Tensor wih = Parameter(node, "input" + suffix, () => TorchInitializer.Draw(
                layer.InputWeight ?? layer.Weight, [layer.Gates * hidden, inputs], layer.InputWeight is null ? fans : new Fans(inputs, layer.Gates * hidden)));
            Tensor b = layer.Bias is null ? 0.0 : Parameter(node, "b_ih" + suffix, () => TorchInitializer.Draw(layer.Bias, [layer.Gates * hidden], fans));
            Tensor bh = layer.Bias is null ? 0.0 : Parameter(node, "b_hh" + suffix, () => TorchInitializer.Draw(layer.Bias, [layer.Gates * hidden], fans));
            return Unroll(layer, x, wih, whh, b, bh, hidden);
        }
    }

    private static Tensor Unroll(RecurrentLayer layer, Tensor x, Tensor wih, Tensor whh, Tensor b, Tensor bh, long hidden)
    {
        Tensor h = zeros([x.shape[0], hidden], dtype: ScalarType.Float64);
        Tensor c = zeros_like(h);
        List<Tensor> outputs = [];
        for (long t = 0; t < x.shape[1]; t++)
        {
            Tensor fromInput = x.select(1, t).matmul(wih.t()) + b;
            Tensor fromHidden = h.matmul(whh.t()) + bh;
            switch (layer)
            {
                case RNNLayer rnn:
                    h = TorchActivation.Apply(rnn.Nonlinearity, fromInput + fromHidden);
                    break;
                case LSTMLayer:
                    Tensor[] gates = (fromInput + fromHidden).chunk(4, 1);
                    c = (gates[1].sigmoid() * c) + (gates[0].sigmoid() * gates[2].tanh());
                    h = gates[3].sigmoid() * c.tanh();
                    break;
                default:
                    Tensor[] i = fromInput.chunk(3, 1);
                    Tensor[] r = fromHidden.chunk(3, 1);
                    Tensor z = (i[1] + r[1]).sigmoid();
                    h = ((1 - z) * (i[2] + ((i[0] + r[0]).sigmoid() * r[2])).tanh()) + (z * h);
                    break;
            }

            outputs.Add(h);
        }

        return stack(outputs, 1);
    }

    private Tensor Attend(GraphNode node, MultiheadAttentionLayer layer, Tensor[] inputs)
    {
        long e = layer.EmbedDimension!.Value;
        Fans fans = new(e, 3 * e);
        Tensor Project(string name, Tensor x) => Split(x.matmul(Parameter(node, name, () => TorchInitializer.Draw(layer.Weight, [e, e], fans)).t()));
        Tensor Split(Tensor x) => x.reshape([x.shape[0], x.shape[1], layer.Heads, e / layer.Heads]).transpose(1, 2);
        Tensor q = Project("q", inputs[0]);
        Tensor k = Project("k", inputs[inputs.Length > 1 ? 1 : 0]);
        Tensor v = Project("v", inputs[^1]);
        Tensor mixed = F.softmax(q.matmul(k.transpose(-2, -1)) / (layer.IsScaled ? Math.Sqrt((double)e / layer.Heads) : 1.0), -1).matmul(v).transpose(1, 2).reshape([inputs[0].shape[0], inputs[0].shape[1], e]);
        return mixed.matmul(Parameter(node, "weight", () => TorchInitializer.Draw(layer.OutputWeight ?? LinearLayer.DefaultWeight, [e, e])).t());
    }

    // The input is Gaussian like every other; its numbers serve as random tokens.
    private static Tensor Tokens(Tensor input, int count) => ((input.detach() * 1e6).to(ScalarType.Int64).abs() % count).to(ScalarType.Int64);

    private static long[]? Longs(IReadOnlyList<int>? sizes, int axes) =>
        sizes is null ? null : [.. Enumerable.Range(0, axes).Select(axis => (long)sizes[Math.Min(axis, sizes.Count - 1)])];
}
