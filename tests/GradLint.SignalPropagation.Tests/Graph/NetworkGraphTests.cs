namespace GradLint.SignalPropagation.Tests;

/// <summary>What is a network, what is not, and how it is written down.</summary>
public class NetworkGraphTests
{
    private static readonly GraphNode s_input = new("input", new InputLayer([8]), []);

    [Fact]
    public void Nodes_are_ordered_after_their_inputs()
    {
        NetworkGraph graph = new([new("b", Networks.Linear(8, 8), ["a"]), new("a", Networks.Linear(8, 8), ["input"]), s_input], "b");
        Assert.Equal(["input", "a", "b"], graph.Nodes.Select(node => node.Name));
        Assert.Equal("b", graph.Output.Name);
        Assert.Equal("a", graph["a"].Name);
    }

    [Fact]
    public void A_name_used_twice_is_an_error() => Fails("input", "two nodes", [s_input, s_input], "input");

    [Fact]
    public void A_dangling_input_is_an_error() => Fails("fc", "'nowhere'", [s_input, new("fc", Networks.Linear(8, 8), ["nowhere"])], "fc");

    [Fact]
    public void A_missing_output_is_an_error() => Fails("out", "no such node", [s_input], "out");

    [Fact]
    public void A_cycle_is_an_error() =>
        Fails("a", "cycle", [s_input, new("a", new AddLayer(), ["input", "b"]), new("b", Networks.Linear(8, 8), ["a"])], "b");

    [Theory, InlineData(0), InlineData(-3)]
    public void A_size_that_is_not_positive_is_an_error(int size) => Fails("fc", "out features", [s_input, new("fc", Networks.Linear(8, size), ["input"])], "fc");

    [Fact]
    public void A_wrong_number_of_inputs_is_an_error() =>
        Fails("fc", "2 inputs", [s_input, new("fc", Networks.Linear(8, 8), ["input", "input"])], "fc");

    [Fact]
    public void A_node_that_leads_nowhere_is_an_error() =>
        Fails("loose", "does not lead", [s_input, new("fc", Networks.Linear(8, 8), ["input"]), new("loose", Networks.Linear(8, 8), ["input"])], "fc");

    [Fact]
    public void Nodes_keep_the_order_in_which_they_are_given_where_they_can()
    {
        NetworkGraph graph = new(
            [new("sum", new AddLayer(), ["right", "left"]), s_input, new("left", Networks.Linear(8, 8), ["first"]), new("right", Networks.Linear(8, 8), ["first"]), new("first", Networks.Linear(8, 8), ["input"])],
            "sum");
        Assert.Equal(["input", "first", "right", "left", "sum"], graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void A_name_may_hold_digits_and_marks() => Assert.Equal("a_1.b[0]:c/d", new NetworkGraph([new("a_1.b[0]:c/d", new InputLayer(), [])], "a_1.b[0]:c/d").Output.Name);

    [Theory, InlineData(""), InlineData("a b"), InlineData("a-b"), InlineData("a,b")]
    public void Any_other_name_is_an_error(string name) => Fails(name, "is not a name: use letters, digits and the marks _ . [ ] : /", [new(name, new InputLayer(), [])], name);

    [Fact]
    public void A_node_cannot_read_itself() =>
        Fails("a", "lies on a cycle: unroll recurrences, or use a recurrent layer", [s_input, new("a", new AddLayer(), ["input", "a"])], "a");

    [Fact]
    public void Weights_are_shared_with_a_node_of_the_same_kind_only()
    {
        const string Problem = "which is not a node of the same kind";
        GraphNode first = new("fc1", Networks.Linear(8, 8), ["input"]);
        Fails("fc2", $"'fc0', {Problem}", [s_input, first, new("fc2", Networks.Linear(8, 8), ["fc1"]) { SharesWeightsWith = "fc0" }], "fc2");
        Fails("fc2", $"'input', {Problem}", [s_input, first, new("fc2", Networks.Linear(8, 8), ["fc1"]) { SharesWeightsWith = "input" }], "fc2");
    }

    [Theory]
    [InlineData("Add", 0, "(Add) has 0 inputs, but takes at least 1")]
    [InlineData("Concat", 0, "(Concat) has 0 inputs, but takes at least 1")]
    [InlineData("Product", 1, "(Product) has 1 inputs, but takes 2")]
    [InlineData("Product", 3, "(Product) has 3 inputs, but takes 2")]
    [InlineData("Input", 1, "(Input) has 1 inputs, but takes 0")]
    [InlineData("Flatten", 2, "(Flatten) has 2 inputs, but takes 1")]
    [InlineData("MultiheadAttention(8, 2, weight: Normal)", 4, "(MultiheadAttention) has 4 inputs, but takes 1 to 3")]
    [InlineData("TransformerDecoder(8, 2)", 1, "(TransformerDecoder) has 1 inputs, but takes 2")]
    public void The_number_of_inputs_is_that_of_the_layer(string layer, int inputs, string problem) =>
        Assert.Contains(problem, Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse($"input = Input([8])\nnode = {layer} {(inputs > 0 ? "<- " : "")}{string.Join(", ", Enumerable.Repeat("input", inputs))}")).Message);

    [Fact]
    public void A_name_that_is_no_nodes_is_not_found() =>
        Assert.Equal("The graph has no node 'fc'.", Assert.Throws<KeyNotFoundException>(() => new NetworkGraph([s_input], "input")["fc"]).Message);

    [Fact]
    public void An_error_says_what_it_knows()
    {
        NetworkGraphException error = new("fc", "is odd");
        Assert.Equal(("fc", "'fc' is odd"), (error.Node, error.Message));
        Assert.Null(new NetworkGraphException().Node);
        Assert.Equal("why", new NetworkGraphException("why").Message);
        Assert.Same(error, new NetworkGraphException("why", error).InnerException);
    }

    [Fact]
    public void A_dropout_of_everything_is_an_error() => Fails("drop", "probability 1", [s_input, new("drop", new DropoutLayer(1), ["input"])], "drop");

    [Fact]
    public void The_text_form_says_one_node_per_line()
    {
        NetworkGraph graph = new(
            [
                new("input", new InputLayer([784]), []),
                new("fc1", new LinearLayer(784, 128) { Weight = new KaimingNormal(0.1), Bias = new FanInUniform() }, ["input"]),
                new("act", new ActivationLayer(new LeakyReLU(0.1)), ["fc1"]),
                new("fc2", new LinearLayer(128, null) { Weight = LinearLayer.DefaultWeight }, ["act"]),
            ],
            "fc2");
        Assert.Equal(
            """
            input = Input([784])
            fc1 = Linear(784 -> 128, weight: KaimingNormal(slope: 0.1), bias: FanInUniform) <- input
            act = Activation(LeakyReLU(0.1)) <- fc1
            fc2 = Linear(128 -> ?, weight: KaimingUniform(slope: 2.23606797749979)) <- act

            """,
            graph.ToString());
    }

    [Theory, InlineData("""
        # a comment
        input = Input([3, 32, ?])
        flat = Flatten <- input
        fc1 = Linear(? -> 64, weight: Normal(0, 0.02), bias: Zeros) <- flat
        drop = Dropout(0.25) <- fc1
        act = Activation(Hardtanh(min: -2, max: 2)) <- drop
        fc2 = Linear(64 -> 64, weight: Orthogonal(1.5)) <- act
        half = Scale(0.5) <- fc2
        sum = Add <- half, act
        odd = Opaque("einsum(\"ij\")") <- sum
        fc3 = Linear(64 -> 64, weight: UnknownInitializer("from a file")) sharing fc2 <- odd
        """)]
    public void The_text_form_is_read_back(string text)
    {
        NetworkGraph graph = NetworkGraph.Parse(text);
        Assert.Equal(graph.ToString(), NetworkGraph.Parse(graph.ToString()).ToString());
        Assert.Equal("fc2", graph["fc3"].SharesWeightsWith);
        Assert.Equal(new Normal(0, 0.02), ((LinearLayer)graph["fc1"].Layer).Weight);
        Assert.Equal("einsum(\"ij\")", ((OpaqueLayer)graph["odd"].Layer).Reason);
        Assert.Equal(10, graph.Nodes.Count);
    }

    [Theory, InlineData("fc = Linar(3 -> 4)"), InlineData("fc : Linear"), InlineData("fc = Linear(three -> 4)"), InlineData("fc = Linear(3 -> 4"), InlineData("")]
    public void Text_that_cannot_be_read_says_so(string text) => Assert.Throws<NetworkGraphException>(() => NetworkGraph.Parse(text));

    private static void Fails(string node, string problem, GraphNode[] nodes, string output)
    {
        NetworkGraphException error = Assert.Throws<NetworkGraphException>(() => new NetworkGraph(nodes, output));
        Assert.Equal(node, error.Node);
        Assert.Contains($"'{node}'", error.Message);
        Assert.Contains(problem, error.Message);
    }
}
