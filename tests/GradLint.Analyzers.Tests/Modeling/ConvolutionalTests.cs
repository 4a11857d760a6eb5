using GradLint.SignalPropagation;

namespace GradLint.Modeling;

public sealed class ConvolutionalTests
{
    [Fact]
    public void Convolutions_pools_and_norms_are_read_with_their_sizes()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d conv1 = Conv2d(1, 32, 3, padding: 1), conv2 = Conv2d(32, 64, (3, 5), stride: (2, 2), groups: 2, bias: false);
                private readonly BatchNorm2d norm = BatchNorm2d(32);
                private readonly MaxPool2d pool = MaxPool2d(2);
                private readonly Linear fc = Linear(64, 10);
                public Net() : base("net") { RegisterComponents(); }
                public override Tensor forward(Tensor x)
                {
                    x = pool.call(functional.relu(norm.call(conv1.call(x))));
                    x = functional.adaptive_avg_pool2d(conv2.call(x).relu_(), 1);
                    return fc.call(x.flatten(1));
                }
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal("input conv1 norm relu pool conv2 relu:2 adaptive_avg_pool2d flatten fc", model.Structure());
        var conv1 = Assert.IsType<ConvolutionLayer>(model.Graph!["conv1"].Layer);
        Assert.Equal([1, 1], conv1.Padding);
        var conv2 = Assert.IsType<ConvolutionLayer>(model.Graph["conv2"].Layer);
        Assert.Equal([3, 5], conv2.Kernel);
        Assert.Equal([2, 2], conv2.Stride);
        Assert.Equal(2, conv2.Groups);
        Assert.Null(conv2.Bias);
        Assert.True(model.IsNormalized);
    }

    [Fact]
    public void Padding_that_keeps_the_size_is_half_the_kernel()
    {
        NetworkModel model = ReadModel.OfStatements("var model = Sequential(Conv2d(3, 8, 5, Padding.Same), Conv2d(8, 8, 3, Padding.Valid));");

        Assert.Equal([2, 2], ((ConvolutionLayer)model.Graph!["0"].Layer).Padding);
        Assert.Null(((ConvolutionLayer)model.Graph["1"].Layer).Padding);
    }

    [Fact]
    public void Pools_that_round_their_size_up_are_read_as_such()
    {
        NetworkModel model = ReadModel.OfStatements("""
            var model = Sequential(Conv2d(3, 8, 3), MaxPool2d(3, stride: 2, ceil_mode: true), Conv2d(8, 8, 3), AvgPool2d(2, ceil_mode: true), Conv2d(8, 8, 3), MaxPool2d(2));
            """);

        Assert.True(((MaxPoolLayer)model.Graph!["1"].Layer).RoundsUp);
        Assert.True(((AvgPoolLayer)model.Graph["3"].Layer).RoundsUp);
        Assert.False(((MaxPoolLayer)model.Graph["5"].Layer).RoundsUp);
    }

    [Fact]
    public void Branches_are_added_in_place_and_set_side_by_side()
    {
        NetworkModel model = ReadModel.OfClass("""
            class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d a = Conv2d(8, 8, 1), b = Conv2d(8, 8, 1), c = Conv2d(8, 8, 1);
                public Net() : base("net") { RegisterComponents(); }
                public override Tensor forward(Tensor x)
                {
                    var y = a.call(x);
                    y.add_(x);
                    return torch.cat(new[] { b.call(y), c.call(y) }, 1);
                }
            }
            """);

        Assert.Null(model.Gap);
        Assert.Equal(["add"], model.Graph!["b"].Inputs);
        Assert.IsType<ConcatLayer>(model.Graph.Output.Layer);
        Assert.NotNull(model.Growth);
    }
}
