using System.Xml.Linq;
using GradLint.SignalPropagation;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace GradLint.Tests.Flow;

[Collection(nameof(OwnRandomNumbers))]
public class FlowComparisonTests
{
    [Fact]
    public void A_default_stack_vanishes_as_predicted()
    {
        manual_seed(1);
        using Sequential model = Models.ReluStack(10, 64);

        FlowComparison comparison = Compare(model, measureWeights: false);

        Assert.Equal(9 * Math.Log10(0.408), comparison.Measured.Growth!.Value, 0.5);
        Assert.Equal(comparison.Measured.Growth.Value, comparison.Predicted.Growth!.Value, 0.4);
        Assert.All(comparison.Layers, layer => Assert.Equal(0, layer.GradientNormError!.Value, 0.5));
        Assert.All(comparison.Layers, layer => Assert.True(layer.IsInRange));
    }

    [Fact]
    public void Measured_weights_tell_of_an_initialization_that_the_defaults_do_not()
    {
        manual_seed(2);
        using Sequential model = Models.ReluStack(8, 64, weight => nn.init.normal_(weight));

        FlowComparison comparison = Compare(model, measureWeights: true);

        Assert.True(comparison.Measured.Growth > 7 * Math.Log10(Math.Sqrt(32)));
        Assert.Equal(comparison.Measured.Growth!.Value, comparison.Predicted.Growth!.Value, 0.4);
        Assert.All(comparison.Layers, layer => Assert.Equal(0, layer.GradientNormError!.Value, 0.5));
        Assert.True(Compare(model, measureWeights: false).Predicted.Growth < 0);
    }

    [Fact]
    public void A_convolutional_network_is_measured_as_predicted()
    {
        manual_seed(5);
        using Sequential model = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding: 1), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 32, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 16, 10));

        FlowComparison comparison = FlowComparison.Of(
            model, randn(32, 3, 8, 8), output => cross_entropy(output, randint(10, [32L])), new PropagationOptions { Loss = Loss.CrossEntropy }, measureWeights: false);

        Assert.Equal(["0", "3", "7"], comparison.Layers.Select(layer => layer.Name));
        Assert.All(comparison.Layers, layer => Assert.Equal(0, layer.GradientNormError!.Value, 0.3));
    }

    [Fact]
    public void Upsampling_is_measured_as_predicted()
    {
        manual_seed(6);
        using Sequential model = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding: 1), nn.ReLU(), nn.Upsample(scale_factor: [2, 2]), nn.Conv2d(32, 32, 3, padding: 1), nn.ReLU(),
            nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: false), nn.Conv2d(32, 16, 3, padding: 1));

        FlowComparison comparison = FlowComparison.Of(model, randn(16, 3, 6, 6), output => mse_loss(output, randn_like(output)), measureWeights: false);

        Assert.Equal(["0", "3", "6"], comparison.Layers.Select(layer => layer.Name));
        Assert.Equal(comparison.Measured.Growth!.Value, comparison.Predicted.Growth!.Value, 0.3);
        Assert.All(comparison.Layers, layer => Assert.Equal(0, layer.GradientNormError!.Value, 0.35));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void A_recurrence_that_runs_both_ways_is_measured_as_predicted(bool isLstm)
    {
        manual_seed(7);
        using nn.Module both = isLstm ? nn.LSTM(16, 64, bidirectional: true, batchFirst: true) : nn.GRU(16, 64, bidirectional: true, batchFirst: true);
        Tensor x = randn(64, 10, 16);
        Tensor Output() => both is LSTM lstm ? lstm.call(x).Item1 : ((GRU)both).call(x).Item1;

        FlowComparison comparison = Meeting(both, [10, 16], () => mse_loss(Output(), randn(64, 10, 128)), Loss.MeanSquaredError);

        LayerComparison layer = Assert.Single(comparison.Layers);
        Assert.Equal(0, layer.GradientNormError!.Value, 0.15);
    }

    [Fact]
    public void Attention_is_measured_as_predicted()
    {
        manual_seed(8);
        using MultiheadAttention attention = nn.MultiheadAttention(64, 4);
        Tensor x = randn(10, 64, 64); // the sequence comes first, as TorchSharp's attention reads it

        FlowComparison comparison = Meeting(attention, [10, 64], () => RandomDirection(attention.call(x, x, x).Item1));

        Assert.Equal(0, Assert.Single(comparison.Layers).GradientNormError!.Value, 0.2);
    }

    [Fact]
    public void Transformer_encoders_are_measured_as_predicted()
    {
        manual_seed(9);
        using TorchSharp.Modules.TransformerEncoderLayer one = nn.TransformerEncoderLayer(64, 4, 128);
        using TransformerEncoder stack = nn.TransformerEncoder(one, 2);
        Tensor x = randn(10, 64, 64);

        FlowComparison comparison = Meeting(stack, [10, 64], () => RandomDirection(stack.call(x)));

        LayerComparison[] meet = [.. comparison.Layers.Where(layer => layer.GradientNormError is not null)];
        Assert.Equal(6, meet.Length); // attention and two linear layers, twice
        Assert.All(meet, layer => Assert.Equal(0, layer.GradientNormError!.Value, 0.35));
    }

    [Fact]
    public void Transformer_decoders_are_measured_as_predicted()
    {
        manual_seed(10);
        using TorchSharp.Modules.TransformerDecoderLayer decoder = nn.TransformerDecoderLayer(64, 4, 128);
        Tensor target = randn(10, 64, 64);
        Tensor memory = randn(10, 64, 64);

        FlowComparison comparison = Meeting(decoder, [10, 64], () => RandomDirection(decoder.call(target, memory)));

        LayerComparison[] meet = [.. comparison.Layers.Where(layer => layer.GradientNormError is not null)];
        Assert.Equal(4, meet.Length); // two attentions and two linear layers
        Assert.All(meet, layer => Assert.Equal(0, layer.GradientNormError!.Value, 0.35));
    }

    [Fact]
    public void A_layer_that_only_the_prediction_knows_stands_where_it_is_used()
    {
        using Sequential whole = nn.Sequential(("before", nn.Linear(8, 8)), ("unmeasured", nn.Linear(8, 8)), ("head", nn.Linear(8, 1)));
        using Sequential part = nn.Sequential(("before", nn.Linear(8, 8)), ("head", nn.Linear(8, 1)));
        GradientFlow predicted = SignalPropagator.Propagate(ModuleGraph.Of(whole, [8]).Graph);

        FlowComparison comparison = FlowComparison.Of(predicted, FlowMeasurement.Of(part, randn(4, 8), output => output.mean()));

        Assert.Equal([("before", true), ("unmeasured", false), ("head", true)], comparison.Layers.Select(layer => (layer.Name, layer.Measured is not null)));
    }

    [Fact]
    public void The_table_has_a_line_for_each_layer_and_says_what_was_assumed()
    {
        manual_seed(3);
        using TwoLayers model = new();

        string[] lines = FlowComparison.Of(model, randn(16, 3), output => mse_loss(output, randn_like(output))).ToString().Split('\n');

        Assert.StartsWith("growth of the backward signal, first over last layer: 10^", lines[0]);
        Assert.StartsWith("layer", lines[2]);
        Assert.StartsWith("_first      Linear", lines[3]);
        Assert.StartsWith("_block.out  Linear", lines[4]);
        Assert.Contains(lines, line => line.StartsWith("Assumed: 'two' (TwoLayers) calls its child modules once each"));
    }

    [Fact]
    public void The_picture_is_svg_with_a_dot_for_each_layer()
    {
        manual_seed(4);
        using Sequential model = Models.ReluStack(5, 16);

        XDocument svg = XDocument.Parse(Compare(model, measureWeights: true).ToSvg());

        Assert.Equal(5, svg.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Equal(10, svg.Descendants().Single(element => element.Name.LocalName == "polygon").Attribute("points")!.Value.Split(' ').Length);
    }

    private static Tensor RandomDirection(Tensor output) => (output * randn_like(output)).mean();

    private static FlowComparison Meeting(nn.Module module, long[] shape, Func<Tensor> loss, Loss? assumed = null)
    {
        ModuleGraph graph = ModuleGraph.Of(module, shape);
        GradientFlow predicted = SignalPropagator.Propagate(graph.Graph, new PropagationOptions { BatchSize = 64, Loss = assumed ?? Loss.RandomDirection });
        return FlowComparison.Of(predicted, FlowMeasurement.Of(module, loss), graph.Assumptions);
    }

    private static FlowComparison Compare(Sequential model, bool measureWeights)
    {
        long width = ((Linear)model[0]).in_features;
        return FlowComparison.Of(model, randn(64, width), output => mse_loss(output, randn_like(output)), measureWeights: measureWeights);
    }
}
