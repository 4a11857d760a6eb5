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
