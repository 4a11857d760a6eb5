namespace GradLint.SignalPropagation.Tests;

/// <summary>The text form: every description is written in one way and read back, and what cannot be read is said with its place.</summary>
public class GraphTextTests
{
    [Theory]
    [InlineData("Input([3, 32, ?])", 0)]
    [InlineData("Input", 0)]
    [InlineData("Linear(784 -> ?, weight: KaimingUniform(slope: 2.23606797749979), bias: FanInUniform)")]
    [InlineData("Linear(8 -> 8, weight: KaimingNormal(mode: FanOut))")]
    [InlineData("Linear(8 -> 8, weight: TruncatedNormal(standardDeviation: 0.02, low: -0.04, high: 0.04))")]
    [InlineData("Linear(8 -> 8, weight: Constant(-1.5), bias: Measured(meanValue: 0.25, varianceValue: 1E-09))")]
    [InlineData("Convolution(3 -> 16, kernel: [3, 3], weight: Dirac, bias: Zeros, dilation: [2], padding: [1, 0], stride: [2])")]
    [InlineData("Convolution(4 -> 16, kernel: [5], weight: XavierNormal(2), groups: 4)")]
    [InlineData("TransposedConvolution(16 -> 3, kernel: [2, 2], weight: Orthogonal, outputPadding: [1], stride: [2])")]
    [InlineData("Activation(LeakyReLU)")]
    [InlineData("Activation(Hardtanh(min: -2, max: 2))")]
    [InlineData("Dropout")]
    [InlineData("Dropout(0.25)")]
    [InlineData("AvgPool([2], leavesOutPadding: true, padding: [1], roundsUp: true, stride: [1])")]
    [InlineData("AdaptiveMaxPool([4, 4])")]
    [InlineData("Upsample(scale: [1.5], alignCorners: true, mode: Linear)")]
    [InlineData("Upsample(size: [8, 8])")]
    [InlineData("GroupNorm(groups: 2, channels: 8, epsilon: 1E-06, scale: Zeros)")]
    [InlineData("LayerNorm([16, ?])")]
    [InlineData("Embedding(count: 100, dimension: 16, weight: Normal)")]
    [InlineData("MultiheadAttention(embedDimension: 16, heads: 2, weight: XavierUniform, isScaled: false, outputWeight: Zeros)")]
    [InlineData("TransformerEncoder(modelDimension: 16, heads: 2, feedForward: 32, dropout: 0, function: GELU, normFirst: true)")]
    [InlineData("RNN(8 -> 16, weight: FanInUniform, bias: FanInUniform, inputWeight: Uniform(low: -0.1, high: 0.1), isBidirectional: true, layers: 2, nonlinearity: ReLU)")]
    [InlineData("Opaque(reason: \"a \\\"quoted\\\" \\\\ and\\na new line\")")]
    [InlineData("Product", 2)]
    [InlineData("Add", 3)]
    public void A_description_is_written_as_it_is_read(string description, int inputs = 1)
    {
        string text = inputs == 0 ? $"node = {description}\n" : $"input = Input([16, 16])\nnode = {description} <- {string.Join(", ", Enumerable.Repeat("input", inputs))}\n";
        Assert.Equal(text, NetworkGraph.Parse(text).ToString());
    }

    [Theory]
    [InlineData("Linear(8->4,weight:Normal(0,0.02))")]
    [InlineData("Linear( 8 -> 4 , weight : Normal( 0 , 0.02 ) )")]
    [InlineData("linear(8, 4, Weight: NORMAL(standarddeviation: 0.02))")]
    [InlineData("Linear(weight: Normal(meanValue: 0, standardDeviation: +2e-2), outFeatures: 4, inFeatures: 8)")]
    [InlineData("Linear(8 -> 4, weight: Normal(0, 0.02), bias: ?)")]
    public void Spaces_and_case_do_not_matter_and_names_may_be_left_out(string description)
    {
        LinearLayer expected = new(8, 4) { Weight = new Normal(0, 0.02) };
        Assert.Equal(expected, NetworkGraph.Parse($"input = Input([8])\nfc = {description}<-input")["fc"].Layer);
    }

    [Fact]
    public void Text_in_quotes_may_hold_anything()
    {
        OpaqueLayer layer = new("a \"call\" of C:\\new\nthat, (cannot) be <- followed");
        NetworkGraph graph = new([new("input", new InputLayer([8]), []), new("odd", layer, ["input"])], "odd");
        Assert.Equal(layer, NetworkGraph.Parse(graph.ToString())["odd"].Layer);
    }

    [Fact]
    public void Shared_weights_are_named_between_the_description_and_the_inputs()
    {
        const string Text = "input = Input([8])\nfc1 = Linear(8 -> 8, weight: Normal) <- input\nfc2 = Linear(8 -> 8, weight: Normal) sharing fc1 <- fc1\n";
        NetworkGraph graph = NetworkGraph.Parse(Text);
        Assert.Equal("fc1", graph["fc2"].SharesWeightsWith);
        Assert.Null(graph["fc1"].SharesWeightsWith);
        Assert.Equal(Text, graph.ToString());
    }

    [Fact]
    public void Comments_and_empty_lines_are_skipped_and_the_last_node_is_the_output()
    {
        NetworkGraph graph = NetworkGraph.Parse("\n  # a comment = Linear\r\n\r\n  input = Input([8])  \r\n\n fc = Linear(8 -> 4, weight: Normal) <- input \r\n# the end\n");
        Assert.Equal(["input", "fc"], graph.Nodes.Select(node => node.Name));
        Assert.Equal("fc", graph.Output.Name);
    }

    [Theory]
    [InlineData("Linar(3 -> 4)", "there is no \"Linar\"; known are Activation, AdaptiveAvgPool, AdaptiveMaxPool, Add, ")]
    [InlineData("Activation(RELUE)", "there is no \"RELUE\"; known are CELU, ELU, GELU, ")]
    [InlineData("Linear(three -> 4)", "\"three\" is not a number")]
    [InlineData("Linear(99999999999 -> 4)", "\"99999999999\" is not a number")]
    [InlineData("Linear(3 -> 4, weight: KaimingNormal(mode: Sideways))", "\"Sideways\" is not one of FanIn, FanOut")]
    [InlineData("Linear(3 -> 4", "expected , or ) at position 19")]
    [InlineData("Linear(- -> 4)", "\"-\" is not a number")]
    [InlineData("Linear(3 -> 4, wait: Normal)", "there is no argument \"wait\"")]
    [InlineData("Linear(3 -> 4, weight: Normal) to input", "unexpected \"to input\"")]
    [InlineData("Linear(3 -> 4, weight: Normal) sharingfc <- input", "unexpected \"sharingfc\"")]
    [InlineData("Linear(3, weight: Normal)", "Linear needs outFeatures")]
    [InlineData("Linear(3, 4, 5)", "unexpected argument 3")]
    [InlineData("Dropout([1])", "a word is missing at position 14")]
    [InlineData("Dropout()", "has 0 inputs, but takes 1")]
    [InlineData("AvgPool(3)", "expected [ at position 14")]
    [InlineData("AvgPool([3; 3])", "expected , or ] at position 16")]
    [InlineData("AvgPool([3, 3", "expected , or ] at position 19")]
    [InlineData("Opaque(reason)", "expected \" at position 13")]
    [InlineData("Opaque(\"never closed)", "the line ends too early")]
    [InlineData("Opaque(\"never closed\\", "the line ends too early")]
    [InlineData("(8)", "a word is missing at position 6")]
    public void What_cannot_be_read_is_said_with_its_node_and_place(string description, string problem)
    {
        NetworkGraphException error = Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse($"fc = {description}\n"));
        Assert.Contains(problem, error.Message);
        Assert.Equal("fc", error.Node);
    }

    [Fact]
    public void The_line_that_cannot_be_read_is_quoted() =>
        Assert.Equal("'fc' cannot be read: Linear needs inFeatures in \"fc = Linear\"", Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse("fc = Linear")).Message);

    [Fact]
    public void A_line_without_an_equals_sign_is_told_how_lines_read() =>
        Assert.Equal("Not a node: \"fc : Linear\". A line reads: name = Kind(arguments) <- inputs", Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse("fc : Linear")).Message);

    [Theory, InlineData(""), InlineData("# only a comment\n\n")]
    public void A_text_without_a_node_is_no_graph(string text) =>
        Assert.Equal("The text has no node.", Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse(text)).Message);
}
