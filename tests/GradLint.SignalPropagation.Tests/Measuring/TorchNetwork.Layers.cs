using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace GradLint.SignalPropagation.Tests.Measuring;

internal sealed partial class TorchNetwork
{
    private Tensor ApplyOther(GraphNode node, Tensor[] inputs) => node.Layer switch
    {
        ConvolutionLayer convolution => Convolve(node, convolution, inputs[0]),
        TransposedConvolutionLayer transposed => ConvolveTransposed(node, transposed, inputs[0]),
        AvgPoolLayer pool => F.avg_pool2d(inputs[0], Longs(pool.Kernel, 2)!, Longs(pool.Stride, 2), Longs(pool.Padding, 2)),
        MaxPoolLayer pool => F.max_pool2d(inputs[0], Longs(pool.Kernel, 2)!, Longs(pool.Stride, 2), Longs(pool.Padding, 2)),
        AdaptiveAvgPoolLayer pool => F.adaptive_avg_pool2d(inputs[0], Longs(pool.OutputSize ?? [1], 2)!),
        AdaptiveMaxPoolLayer => inputs[0].amax([2, 3], keepdim: true),
        BatchNormLayer norm => Normalize(node, norm, inputs[0], [.. Enumerable.Range(0, (int)inputs[0].dim()).Where(axis => axis != 1).Select(axis => (long)axis)]),
        LayerNormLayer norm => Normalize(node, norm, inputs[0], [.. Enumerable.Range(1, norm.NormalizedShape?.Count ?? 1).Select(axis => (long)-axis)]),
        InstanceNormLayer norm => Normalize(node, norm, inputs[0], [2, 3]),
        GroupNormLayer norm => NormalizeGroups(norm, inputs[0]),
        RMSNormLayer norm => inputs[0] / (inputs[0].square().mean([-1L], true) + norm.Epsilon).sqrt(),
        EmbeddingLayer embedding => Weight(node, embedding, [embedding.Count!.Value, embedding.Dimension!.Value])[Tokens(inputs[0], embedding.Count.Value)],
        ConcatLayer => cat(inputs, inputs[0].dim() == 4 ? 1 : -1),
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

    // The input is Gaussian like every other; its numbers serve as random tokens.
    private static Tensor Tokens(Tensor input, int count) => ((input.detach() * 1e6).to(ScalarType.Int64).abs() % count).to(ScalarType.Int64);

    private static long[]? Longs(IReadOnlyList<int>? sizes, int axes) =>
        sizes is null ? null : [.. Enumerable.Range(0, axes).Select(axis => (long)sizes[Math.Min(axis, sizes.Count - 1)])];
}
