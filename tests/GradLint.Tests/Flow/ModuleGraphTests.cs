using GradLint.SignalPropagation;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace GradLint.Tests.Flow;

[Collection(nameof(OwnRandomNumbers))]
public class ModuleGraphTests
{
    [Fact]
    public void A_sequential_becomes_a_chain_of_its_layers_with_their_sizes()
    {
        using Sequential model = nn.Sequential(("fc1", nn.Linear(8, 16)), ("act", nn.LeakyReLU(0.2)), ("drop", nn.Dropout(0.3)), ("fc2", nn.Linear(16, 4, hasBias: false)));

        ModuleGraph graph = ModuleGraph.Of(model);

        Assert.Equal(
            """
            input = Input([8])
            fc1 = Linear(8 -> 16, weight: KaimingUniform(slope: 2.23606797749979), bias: FanInUniform) <- input
            act = Activation(LeakyReLU(0.2)) <- fc1
            drop = Dropout(0.3) <- act
            fc2 = Linear(16 -> 4, weight: KaimingUniform(slope: 2.23606797749979)) <- drop

            """,
            graph.Graph.ToString());
        Assert.Empty(graph.Assumptions);
    }

    [Fact]
    public void A_convolutional_network_keeps_kernels_strides_padding_and_groups()
    {
        using Sequential model = nn.Sequential(
            nn.Conv2d(3, 8, 5, stride: 2, padding: 2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding: TorchSharp.Padding.Same, dilation: 2, groups: 4),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(512, 10));

        NetworkGraph graph = ModuleGraph.Of(model, [3, 32, 32]).Graph;

        var first = Assert.IsType<ConvolutionLayer>(graph["0"].Layer);
        Assert.Equal((3, 8, 5, 2, 2), (first.InChannels, first.OutChannels, first.Kernel[0], first.Stride![0], first.Padding![1]));
        var grouped = Assert.IsType<ConvolutionLayer>(graph["3"].Layer);
        Assert.Equal((4, 2, 2), (grouped.Groups, grouped.Dilation![0], grouped.Padding![0]));
        Assert.IsType<BatchNormLayer>(graph["1"].Layer);
        Assert.Equal([2, 2], Assert.IsType<MaxPoolLayer>(graph["4"].Layer).Kernel);
        Assert.Null(SignalPropagator.Propagate(graph).Stop);
    }

    [Fact]
    public void Nested_modules_are_named_by_their_paths()
    {
        using Sequential model = nn.Sequential(("body", nn.Sequential(nn.Linear(3, 3), nn.Sequential(("act", nn.Tanh())))), ("head", nn.Linear(3, 1)));

        Assert.Equal(["input", "body.0", "body.1.act", "head"], ModuleGraph.Of(model).Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_class_of_ones_own_is_taken_for_its_children_in_order_and_that_is_said()
    {
        using TwoLayers model = new();

        ModuleGraph graph = ModuleGraph.Of(model);

        Assert.Equal(["input", "_first", "_block.act", "_block.out"], graph.Graph.Nodes.Select(node => node.Name));
        Assert.Equal(["'two' (TwoLayers) calls its child modules once each, in order of registration, and computes nothing else"], graph.Assumptions);
    }

    [Fact]
    public void What_cannot_be_seen_stops_the_prediction_with_a_reason()
    {
        using Sequential model = nn.Sequential(("fc", nn.Linear(3, 3)), ("x", new Doubling()), ("head", nn.Linear(3, 3)));

        GradientFlow flow = SignalPropagator.Propagate(ModuleGraph.Of(model).Graph);

        Assert.Equal(new StopReason("x", "what Doubling computes cannot be seen"), flow.Stop);
        Assert.Null(flow.Growth);
    }

    [Fact]
    public void Opaque_layers_say_why()
    {
        (nn.Module Module, string Reason)[] cases =
        [
            (new OwnMatrix(), "what OwnMatrix does with its own parameters cannot be seen"),
            (nn.GLU(), "GLU has no prediction"),
            (nn.Hardtanh(), "TorchSharp's Hardtanh returns its input as it is, unless it works in place (GL5002)"),
            (nn.Softmax(0), "Softmax over an axis other than that of the features has no prediction"),
            (nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bicubic), "Upsample that is Bicubic has no prediction"),
        ];

        Assert.All(cases, one => Assert.Equal(one.Reason, ((OpaqueLayer)ModuleGraph.Of(one.Module).Graph.Output.Layer).Reason));
    }

    [Fact]
    public void Recurrent_layers_that_run_both_ways_are_read()
    {
        using TorchSharp.Modules.LSTM lstm = nn.LSTM(3, 4, numLayers: 2, bidirectional: true);

        var layer = (LSTMLayer)ModuleGraph.Of(lstm).Graph.Output.Layer;

        Assert.Equal((3, 4, 2, true), (layer.InputSize, layer.HiddenSize, layer.Layers, layer.IsBidirectional));
    }

    [Fact]
    public void Transformer_encoders_are_read_layer_by_layer()
    {
        using TorchSharp.Modules.TransformerEncoderLayer one = nn.TransformerEncoderLayer(8, 2, 16);
        using TorchSharp.Modules.TransformerEncoder stack = nn.TransformerEncoder(one, 3);
        using Sequential model = nn.Sequential(("embed", nn.Linear(4, 8)), ("encoder", one));

        ModuleGraph single = ModuleGraph.Of(model, [6, 4]);
        NetworkGraph three = ModuleGraph.Of(stack, [6, 8]).Graph;

        Assert.Equal(new SignalPropagation.TransformerEncoderLayer(8, 1, 16), single.Graph["encoder"].Layer);
        Assert.Single(single.Assumptions);
        Assert.Equal(3, three.Nodes.Count(node => node.Layer is SignalPropagation.TransformerEncoderLayer));
        Assert.NotNull(SignalPropagator.Propagate(three).Growth);
    }

    [Fact]
    public void Transformer_decoders_read_a_memory_of_their_own()
    {
        using TorchSharp.Modules.TransformerDecoderLayer one = nn.TransformerDecoderLayer(8, 2, 16);
        using TorchSharp.Modules.TransformerDecoder stack = nn.TransformerDecoder(one, 2);

        ModuleGraph model = ModuleGraph.Of(stack, [6, 8]);

        GraphNode[] decoders = [.. model.Graph.Nodes.Where(node => node.Layer is SignalPropagation.TransformerDecoderLayer)];
        Assert.Equal(2, decoders.Length);
        Assert.All(decoders, node => Assert.Equal("memory", node.Inputs[1]));
        Assert.Contains("the memory of a decoder is N(0, 1), and what comes before it is its target", model.Assumptions);
        Assert.NotNull(SignalPropagator.Propagate(model.Graph).Growth);
        Assert.Equal(new SignalPropagation.TransformerDecoderLayer(8, 1, 16), ModuleGraph.Of(one).Graph.Output.Layer);
    }

    [Fact]
    public void Upsampling_is_read()
    {
        using TorchSharp.Modules.Upsample bilinear = nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: true);
        using TorchSharp.Modules.Upsample nearest = nn.Upsample(size: [10, 12]);

        var layer = (UpsampleLayer)ModuleGraph.Of(bilinear).Graph.Output.Layer;

        Assert.Equal((Upsampling.Linear, true), (layer.Mode, layer.AlignCorners));
        Assert.Equal([2.0, 2.0], layer.Scale!);
        Assert.Equal([10, 12], ((UpsampleLayer)ModuleGraph.Of(nearest).Graph.Output.Layer).Size!);
    }

    [Fact]
    public void A_layer_that_is_used_twice_shares_its_weights()
    {
        using Linear linear = nn.Linear(3, 3);
        using Sequential model = nn.Sequential(("a", linear), ("b", nn.ReLU()), ("c", linear));

        Assert.Equal("a", ModuleGraph.Of(model).Graph["c"].SharesWeightsWith);
    }

    [Fact]
    public void Layers_in_evaluation_mode_are_what_they_compute_then()
    {
        using Sequential model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3));
        model.eval();

        NetworkGraph graph = ModuleGraph.Of(model).Graph;

        Assert.Equal(new ActivationLayer(Activation.Identity), graph["0"].Layer);
        Assert.Equal(new OpaqueLayer("BatchNorm in evaluation mode divides by its running statistics"), graph["1"].Layer);
    }

    [Fact]
    public void Weights_are_measured_if_asked()
    {
        manual_seed(1);
        using Linear linear = nn.Linear(200, 100);
        nn.init.normal_(linear.weight!, 0.5, 0.1);
        nn.init.zeros_(linear.bias!);

        var layer = (LinearLayer)ModuleGraph.Of(linear, measureWeights: true).Graph.Output.Layer;

        var weight = Assert.IsType<Measured>(layer.Weight);
        Assert.Equal(0.5, weight.MeanValue, 0.01);
        Assert.Equal(0.01, weight.VarianceValue, 0.001);
        Assert.Equal(new Measured(0, 0), layer.Bias);
    }

    [Fact]
    public void A_mean_that_is_chance_alone_is_not_taken_for_one()
    {
        manual_seed(1);
        using Linear linear = nn.Linear(200, 100);

        Assert.Equal(0, ((Measured)((LinearLayer)ModuleGraph.Of(linear, measureWeights: true).Graph.Output.Layer).Weight).MeanValue);
    }

    [Fact]
    public void Recurrent_layers_have_the_sizes_of_their_weights_and_the_nonlinearity_that_they_show()
    {
        manual_seed(1);
        using RNN relu = nn.RNN(3, 8, nonLinearity: nn.NonLinearities.ReLU);
        using RNN tanh = nn.RNN(3, 8, numLayers: 2);
        using GRU gru = nn.GRU(5, 6, batchFirst: true);

        Assert.Equal(Activation.ReLU, ((RNNLayer)ModuleGraph.Of(relu).Graph.Output.Layer).Nonlinearity);
        var layer = (RNNLayer)ModuleGraph.Of(tanh).Graph.Output.Layer;
        Assert.Equal((Activation.Tanh, 3, 8, 2), (layer.Nonlinearity, layer.InputSize, layer.HiddenSize, layer.Layers));
        Assert.Equal((5, 6), (((GRULayer)ModuleGraph.Of(gru).Graph.Output.Layer).InputSize, ((GRULayer)ModuleGraph.Of(gru).Graph.Output.Layer).HiddenSize));
    }

    [Fact]
    public void Embeddings_and_attention_have_the_sizes_of_their_weights()
    {
        using Embedding table = nn.Embedding(50, 16);
        using MultiheadAttention attention = nn.MultiheadAttention(16, 4);

        Assert.Equal((50, 16), (((EmbeddingLayer)ModuleGraph.Of(table).Graph.Output.Layer).Count, ((EmbeddingLayer)ModuleGraph.Of(table).Graph.Output.Layer).Dimension));
        Assert.Equal(16, ((MultiheadAttentionLayer)ModuleGraph.Of(attention).Graph.Output.Layer).EmbedDimension);
    }

    [Fact]
    public void Embeddings_one_after_the_other_are_added()
    {
        using Embedding tokens = nn.Embedding(50, 16);
        using Embedding places = nn.Embedding(8, 16);
        using Embedding segments = nn.Embedding(2, 16);
        using Linear head = nn.Linear(16, 10);
        using var model = nn.Sequential(("tokens", tokens), ("places", places), ("segments", segments), ("head", head));

        ModuleGraph graph = ModuleGraph.Of(model);

        Assert.Equal(["tokens", "places"], graph.Graph["sum"].Inputs);
        Assert.Equal(["sum", "segments"], graph.Graph["sum:2"].Inputs);
        Assert.Equal(["sum:2"], graph.Graph["head"].Inputs);
        Assert.Contains("'places' reads tokens of the input too, and its vectors are added to those of the embedding before it", graph.Assumptions);
    }
}
