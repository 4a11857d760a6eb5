namespace GradLint.SignalPropagation.Tests;

/// <summary>Descriptions of layers that cannot be: each says what is wrong with it.</summary>
public class LayerDescriptionTests
{
    [Theory]
    [InlineData("Linear(0 -> 8, weight: Normal)", "has in features 0, which must be positive")]
    [InlineData("Linear(8 -> -1, weight: Normal)", "has out features -1, which must be positive")]
    [InlineData("Convolution(0 -> 8, kernel: [3], weight: Normal)", "has in channels 0")]
    [InlineData("Convolution(8 -> 0, kernel: [3], weight: Normal)", "has out channels 0")]
    [InlineData("Convolution(8 -> 8, kernel: [3], weight: Normal, groups: 0)", "has groups 0")]
    [InlineData("Convolution(8 -> 8, kernel: [], weight: Normal)", "has kernel axes 0")]
    [InlineData("Convolution(8 -> 8, kernel: [3, 0], weight: Normal)", "has a kernel size 0")]
    [InlineData("Convolution(8 -> 8, kernel: [3], weight: Normal, stride: [0])", "has a stride or dilation 0")]
    [InlineData("Convolution(8 -> 8, kernel: [3], weight: Normal, dilation: [0])", "has a stride or dilation 0")]
    [InlineData("Convolution(8 -> 8, kernel: [3], weight: Normal, padding: [-1])", "has a negative padding")]
    [InlineData("Convolution(8 -> 9, kernel: [3], weight: Normal, groups: 3)", "has channels that its 3 groups do not divide")]
    [InlineData("TransposedConvolution(9 -> 8, kernel: [3], weight: Normal, groups: 3)", "has channels that its 3 groups do not divide")]
    [InlineData("AvgPool([0])", "has a kernel size 0")]
    [InlineData("MaxPool([2, 0])", "has a kernel size 0")]
    [InlineData("AdaptiveAvgPool([0])", "has an output size 0")]
    [InlineData("BatchNorm(0)", "has features 0")]
    [InlineData("RMSNorm(0)", "has features 0")]
    [InlineData("LayerNorm([8, 0])", "has a normalized size 0")]
    [InlineData("GroupNorm(0, 8)", "has groups 0")]
    [InlineData("GroupNorm(2, 0)", "has channels 0")]
    [InlineData("InstanceNorm(0)", "has channels 0")]
    [InlineData("BatchNorm(8, epsilon: -1)", "has epsilon -1, which must not be negative")]
    [InlineData("Upsample(scale: [2, 0])", "has a scale 0")]
    [InlineData("Upsample(size: [0])", "has an output size 0")]
    [InlineData("Upsample", "needs either a scale or a size")]
    [InlineData("Upsample(scale: [2], size: [4])", "needs either a scale or a size")]
    [InlineData("Embedding(0, 8, weight: Normal)", "has tokens 0")]
    [InlineData("Embedding(8, 0, weight: Normal)", "has dimensions 0")]
    [InlineData("MultiheadAttention(0, 2, weight: Normal)", "has embedding dimension 0")]
    [InlineData("MultiheadAttention(8, 0, weight: Normal)", "has heads 0")]
    [InlineData("MultiheadAttention(8, 3, weight: Normal)", "has an embedding dimension that its 3 heads do not divide")]
    [InlineData("TransformerEncoder(0, 2)", "has model dimension 0")]
    [InlineData("TransformerEncoder(8, 0)", "has heads 0")]
    [InlineData("TransformerEncoder(8, 2, 0)", "has feed-forward width 0")]
    [InlineData("RNN(0 -> 8, weight: FanInUniform)", "has input size 0")]
    [InlineData("LSTM(8 -> 0, weight: FanInUniform)", "has hidden size 0")]
    [InlineData("GRU(8 -> 8, weight: FanInUniform, layers: 0)", "has layers 0")]
    [InlineData("Dropout(-0.1)", "drops with probability -0.1, which must be in [0, 1)")]
    [InlineData("Dropout(1)", "drops with probability 1, which must be in [0, 1)")]
    [InlineData("Slice(0)", "takes 0 of the units, which must be in (0, 1]")]
    [InlineData("Slice(1.5)", "takes 1.5 of the units, which must be in (0, 1]")]
    public void A_size_or_a_share_that_cannot_be_is_named(string layer, string problem)
    {
        NetworkGraphException error = Assert.Throws<NetworkGraphException>(() => Parse(layer));
        Assert.Equal("node", error.Node);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void An_extent_of_the_input_that_cannot_be_is_named_with_its_axis() =>
        Assert.Contains("has the size of axis 1 0, which must be positive", Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse("input = Input([8, 0])")).Message);

    [Theory]
    [InlineData("Convolution(8 -> 4, kernel: [1], weight: Normal, groups: 4, padding: [0])")]
    [InlineData("Convolution(? -> ?, kernel: [1], weight: Normal, groups: 3)")]
    [InlineData("MultiheadAttention(?, 3, weight: Normal)")]
    [InlineData("Dropout(0)")]
    [InlineData("Slice(1)")]
    [InlineData("BatchNorm(8, epsilon: 0)")]
    public void The_edges_and_what_is_unknown_are_fine(string layer) => Assert.Equal("node", Parse(layer).Output.Name);

    private static NetworkGraph Parse(string layer) => NetworkGraph.Parse($"input = Input([8, 8])\nnode = {layer} <- input");
}
