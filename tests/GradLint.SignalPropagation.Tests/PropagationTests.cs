using GradLint.SignalPropagation.Tests.Measuring;

namespace GradLint.SignalPropagation.Tests;

/// <summary>The prediction, where a closed form says what it must be.</summary>
public class PropagationTests
{
    private const int Wide = 1_000_000; // where finite width adds nothing
    private static readonly PropagationOptions s_papers = new() { Loss = Loss.RandomDirection };

    [Theory]
    [InlineData("ReLU", 0.408), InlineData("GELU", 0.289), InlineData("SiLU", 0.289), InlineData("Tanh", 0.576), InlineData("Sigmoid", 0.141)]
    public void The_defaults_vanish_at_the_published_rate(string activation, double perLayer)
    {
        Activation f = activation switch { "ReLU" => Activation.ReLU, "GELU" => Activation.GELU, "SiLU" => Activation.SiLU, "Tanh" => Activation.Tanh, _ => Activation.Sigmoid };
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(40, Wide, f, withBias: false));
        Assert.Equal(perLayer, Math.Pow(10, flow.Layers[20].BackwardGain), 0.003);
    }

    [Theory, InlineData(0.0), InlineData(0.2)]
    public void He_keeps_the_norm_whatever_the_widths(double slope)
    {
        int[] widths = [100_000, 20_000, 500_000, 30_000, 100_000];
        List<GraphNode> nodes = [new("input", new InputLayer([widths[0]]), [])];
        for (int i = 1; i < widths.Length; i++)
        {
            nodes.Add(new($"fc{i}", Networks.Linear(widths[i - 1], widths[i], new KaimingNormal(slope)), [nodes[^1].Name]));
            nodes.Add(new($"act{i}", new ActivationLayer(new LeakyReLU(slope)), [$"fc{i}"]));
        }

        GradientFlow flow = SignalPropagator.Propagate(new NetworkGraph(nodes, "act4"), s_papers);
        Assert.Equal(0, flow.Growth!.Value, 0.001);
        Assert.All(flow.Layers, layer => Assert.Equal(0, layer.InitializationDecades));
    }

    [Fact]
    public void Xavier_keeps_the_norm_of_a_linear_stack() =>
        Assert.Equal(0, SignalPropagator.Propagate(Networks.Stack(50, Wide, Activation.Identity, new XavierNormal()), s_papers).Growth!.Value, 0.001);

    [Fact]
    public void The_gain_of_a_normal_initializer_multiplies_up()
    {
        // g = n Var W = 100 at width 100, halved by ReLU: 50 per layer in the square.
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(11, 100, Activation.ReLU, new Normal()), s_papers);
        Assert.Equal(10 * 0.5 * Math.Log10(50), flow.Growth!.Value, 0.3);
        Assert.Equal(flow.Growth!.Value, flow.Layers.Sum(layer => layer.BackwardGain), 1e-9);
        Assert.Equal(0.5 * Math.Log10(50), flow.Layers[5].InitializationDecades, 1e-9);
        Contribution first = flow.Contributions[0];
        Assert.Equal(ContributionKind.Initialization, first.Kind);
        Assert.Equal(10, first.Nodes.Count);
        Assert.Equal(10 * 0.5 * Math.Log10(50), first.Decades, 0.3);
        Assert.Equal(flow.Growth!.Value, flow.Contributions.Sum(one => one.Decades), 1e-9);
        Assert.Equal(("fc1", "fc11"), (flow.Span!.First, flow.Span.Last));
    }

    [Fact]
    public void The_fluctuation_is_that_of_Hanin_and_Nica_for_one_sample()
    {
        // Var ln |g|^2 = 5/n per layer for one sample: 2.2 sd of log10 |g| on each side, and the typical value lies below the mean by half the variance.
        const int Width = 1000;
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(101, Width, Activation.ReLU, new KaimingNormal()), s_papers with { BatchSize = 1 });
        double deviation = 0.2171 * Math.Sqrt(5.0 * 100 / Width);
double model = 0.08 + (0.004 * 101);
        Assert.Equal(4.4 * Math.Sqrt((deviation * deviation) + (model * model)), flow.High!.Value - flow.Low!.Value, 0.01);
        Assert.Equal(-0.2171 * 2.5 * 100 / Width, flow.Growth!.Value, 0.01);
    }

    [Fact]
    public void Without_weight_layers_there_is_nothing_to_predict()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse("input = Input([4])\nact = Activation(ReLU) <- input"));
        Assert.Null(flow.Growth);
        Assert.Empty(flow.Layers);
        Assert.Null(flow.Span);
        Assert.Empty(flow.Contributions);
    }

    [Fact]
    public void One_weight_layer_has_a_gradient_but_no_growth()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse("input = Input([100])\nfc = Linear(100 -> 10, weight: XavierNormal) <- input"));
        Assert.Null(flow.Growth);
        LayerFlow layer = Assert.Single(flow.Layers);
        // q = 100 * 2/110; E |dL/dW|^2 = n_in n_out (B p q_x + B (B-1) r c) with p = 4 (q + 1) / (B C)^2; two inputs have c = 0 +- 1/sqrt 100, and r = p c q / (q + 1).
        double q = 200.0 / 110;
        double shared = 63 * q / (q + 1) / 100;
        // Within the batch |x|^2 / n has a variance of 2 / 100, and a large sample has a large residual too.
        double own = Math.Exp(q / (q + 1) * 2 / 100);
        Assert.Equal(q, layer.SecondMoment, 1e-9);
        // The output's part of the residual is a chi-square of 640 degrees of freedom, E ln of which is -1/640.
        double typical = Math.Exp(-Math.Pow(q / (q + 1), 2) / 640);
        Assert.Equal(0.5 * Math.Log10(100 * 10 * 64 * 4 * (q + 1) * (own + shared) * typical / Math.Pow(640, 2)), layer.Log10GradientNorm, 1e-6);
    }

    [Fact]
    public void It_stops_at_what_it_does_not_understand_and_says_so()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse(
            """
            input = Input([8])
            fc1 = Linear(8 -> 8, weight: XavierNormal) <- input
            odd = Opaque("a call that cannot be followed") <- fc1
            fc2 = Linear(8 -> 8, weight: XavierNormal) <- odd
            """));
        Assert.Null(flow.Growth);
        Assert.Equal(new StopReason("odd", "a call that cannot be followed"), flow.Stop);
    }

    [Fact]
    public void What_follows_the_last_weight_layer_need_not_be_understood()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse(
            """
            input = Input([80])
            fc1 = Linear(80 -> 80, weight: Orthogonal(3)) <- input
            fc2 = Linear(80 -> 80, weight: Orthogonal(3)) <- fc1
            odd = Opaque("a loss of its own") <- fc2
            """));
        Assert.Equal(Math.Log10(3), flow.Growth!.Value, 1e-9);
        Assert.Equal("odd", flow.Stop!.Node);
    }

    [Fact]
    public void Unknown_widths_are_assumed_equal_and_the_assumption_is_listed()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse(
            """
            input = Input
            fc1 = Linear(? -> ?, weight: KaimingNormal) <- input
            act = Activation(ReLU) <- fc1
            fc2 = Linear(? -> ?, weight: KaimingNormal) <- act
            """), s_papers);
        Assert.InRange(flow.Growth!.Value, -0.05, 0.05);
        Assert.Contains(flow.Assumptions, assumption => assumption.Contains("unknown widths"));
        Assert.Contains(flow.Assumptions, assumption => assumption.Contains("N(0, 1)"));
        Assert.Contains(flow.Assumptions, assumption => assumption.Contains("64"));
    }

    [Fact]
    public void A_thousand_layers_of_gain_1e6_stay_in_range_and_overflow_is_a_finding()
    {
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(1000, Wide, Activation.ReLU, new Normal(0, 1.4142135623730951)), s_papers);
        Assert.Equal(999 * 3, flow.Growth!.Value, 0.1);
        Assert.Contains(flow.Findings, finding => finding.Problem == RangeProblem.ForwardOverflow && finding.Node == "fc13");
        Assert.Contains(flow.Findings, finding => finding.Problem == RangeProblem.BackwardOverflow);
    }

    // Both are flat at 0, so that a signal that is small becomes smaller, and faster and faster: the largest samples of a batch may pass for some layers more, but not for all of fifty.
    [Fact]
    public void Where_even_the_largest_samples_die_nothing_passes_for_sure()
    {
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(50, 64, Activation.Tanhshrink, new KaimingNormal(Slope: 1)));

        Assert.Equal(double.NegativeInfinity, flow.Growth);
        Assert.Equal(double.NegativeInfinity, flow.High);
    }

    [Fact]
    public void Where_only_the_typical_sample_dies_nothing_is_said()
    {
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(30, 64, new Hardshrink(), new KaimingNormal(Slope: 1)));

        Assert.Null(flow.Growth);
        Assert.False(flow.High < -2);
    }

    [Fact]
    public void Dead_networks_are_findings_too()
    {
        GradientFlow flow = SignalPropagator.Propagate(Networks.Stack(300, 100, Activation.ReLU, new Normal(0, 0.001)));
        Assert.Contains(flow.Findings, finding => finding.Problem == RangeProblem.ForwardUnderflow);
        Assert.Contains(flow.Findings, finding => finding.Problem == RangeProblem.BackwardUnderflow);
        Assert.True(flow.Growth < -500);
    }

    [Fact]
    public void The_same_graph_gives_the_same_numbers()
    {
        NetworkGraph graph = Networks.Stack(20, 64, Activation.GELU, new KaimingNormal());
        Assert.Equal(SignalPropagator.Propagate(graph).Growth, SignalPropagator.Propagate(NetworkGraph.Parse(graph.ToString())).Growth);
    }

    [Fact]
    public void BatchNorm_explodes_by_pi_over_pi_minus_1_per_ReLU_layer()
    {
        NetworkBuilder builder = new(Wide);
        for (int i = 0; i < 30; i++)
        {
            builder.Add(Networks.Linear(Wide, Wide, LinearLayer.DefaultWeight)).Add(new BatchNormLayer(Wide)).Add(new ActivationLayer(Activation.ReLU));
        }

        GradientFlow flow = SignalPropagator.Propagate(builder.Build(), s_papers with { BatchSize = 4096 });
        Assert.Equal(0.5 * Math.Log10(Math.PI / (Math.PI - 1)), flow.Layers[10].BackwardGain, 0.001);
        Assert.Equal(ContributionKind.Normalization, flow.Contributions[0].Kind);
    }

    [Theory, InlineData(true, 1.0), InlineData(false, 1.467)]
    public void LayerNorm_is_stable_before_ReLU_and_explodes_after_it(bool before, double chi)
    {
        NetworkBuilder builder = new(Wide);
        for (int i = 0; i < 20; i++)
        {
            builder.Add(Networks.Linear(Wide, Wide, LinearLayer.DefaultWeight));
            Layer[] layers = [new LayerNormLayer([Wide]), new ActivationLayer(Activation.ReLU)];
            foreach (Layer layer in before ? layers : layers.Reverse())
            {
                builder.Add(layer);
            }
        }

        Assert.Equal(0.5 * Math.Log10(chi), SignalPropagator.Propagate(builder.Build(), s_papers).Layers[10].BackwardGain, 0.001);
    }

    [Theory, InlineData(true, 1.73), InlineData(false, 1.028)]
    public void A_plain_residual_block_grows_at_its_published_rate(bool he, double perBlock)
    {
        NetworkBuilder builder = new NetworkBuilder(Wide).Add(Networks.Linear(Wide, Wide, new KaimingNormal()));
        for (int i = 0; i < 20; i++)
        {
            string skip = builder.Last;
            Initializer weight = he ? new KaimingNormal() : LinearLayer.DefaultWeight;
            builder.Add(Networks.Linear(Wide, Wide, weight)).Add(new ActivationLayer(Activation.ReLU)).Add(Networks.Linear(Wide, Wide, weight));
            builder.AddTo(new AddLayer(), skip, builder.Last);
        }

        GradientFlow flow = SignalPropagator.Propagate(builder.Add(Networks.Linear(Wide, Wide, new KaimingNormal(1))).Build(), s_papers);
        Assert.Equal(20 * Math.Log10(he ? Math.Sqrt(3) : Math.Sqrt(1 + (1.0 / 18))), flow.Growth!.Value, 0.01);
        Assert.Equal(perBlock, Math.Pow(10, flow.Growth!.Value / 20), 0.005);
    }

    [Fact]
    public void A_prenormalized_residual_grows_by_a_power_law_only()
    {
        double Growth(int blocks)
        {
            NetworkBuilder builder = new NetworkBuilder(Wide).Add(Networks.Linear(Wide, Wide, new KaimingNormal()));
            for (int i = 0; i < blocks; i++)
            {
                string skip = builder.Last;
                builder.Add(new LayerNormLayer([Wide])).Add(Networks.Linear(Wide, Wide, new KaimingNormal())).Add(new ActivationLayer(Activation.ReLU)).Add(Networks.Linear(Wide, Wide, new KaimingNormal()));
                builder.AddTo(new AddLayer(), skip, builder.Last);
            }

            return SignalPropagator.Propagate(builder.Build(), s_papers).Growth!.Value;
        }

        Assert.InRange(Growth(160) - Growth(80), 0, 0.5);
    }

    [Fact]
    public void Strided_and_grouped_convolutions_keep_the_norm_with_He_but_for_the_border()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([64, 64, 64])
            conv1 = Convolution(64 -> 128, kernel: [2, 2], weight: KaimingNormal, stride: [2]) <- input
            act1 = Activation(ReLU) <- conv1
            conv2 = Convolution(128 -> 128, kernel: [1, 1], weight: KaimingNormal, groups: 4) <- act1
            act2 = Activation(ReLU) <- conv2
            conv3 = Convolution(128 -> 64, kernel: [2, 2], weight: KaimingNormal, stride: [2]) <- act2
            """);
        GradientFlow flow = SignalPropagator.Propagate(graph, s_papers);
        // Without overlap, each input feeds C_out / groups outputs: |g|^2 goes by n_out Var W / 2 times the elements' ratio, 1 in all.
        Assert.Equal(0, flow.Growth!.Value, 0.06);
        Assert.Equal(2, flow.Layers[1].SecondMoment, 0.1);
    }

    [Fact]
    public void Zero_padding_takes_taps_away()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([100000, 8])
            conv1 = Convolution(100000 -> 100000, kernel: [3], weight: KaimingNormal(slope: 1), padding: [1]) <- input
            """);
        // 22 of 24 taps are in range.
        Assert.Equal(22.0 / 24, SignalPropagator.Propagate(graph, s_papers).Layers[0].SecondMoment, 1e-6);
    }

    [Fact]
    public void A_transposed_convolution_takes_its_fan_in_from_the_output_channels()
    {
        NetworkGraph graph = NetworkGraph.Parse(
            """
            input = Input([64, 8, 8])
            up = TransposedConvolution(64 -> 32, kernel: [2, 2], weight: KaimingNormal(slope: 1), stride: [2]) <- input
            """);
        // Each output reads 64 inputs through one tap; Var W = 1 / (32 * 4).
        Assert.Equal(64.0 / 128, SignalPropagator.Propagate(graph, s_papers).Layers[0].SecondMoment, 1e-9);
    }

    [Fact]
    public void What_leads_to_the_output_through_a_cut_alone_is_not_trained()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse("""
            x = Input([32])
            back = Linear(32 -> 64, weight: KaimingNormal) <- x
            cut = Detach <- back
            head1 = Linear(64 -> 64, weight: KaimingNormal) <- cut
            head2 = Linear(64 -> 8, weight: KaimingNormal) <- head1
            """));

        Assert.Equal(["head1", "head2"], flow.Layers.Select(layer => layer.Name));
        Assert.NotNull(flow.Growth);
        Assert.Null(flow.Stop);
    }

    [Fact]
    public void Where_all_is_cut_off_it_says_that_nothing_trains()
    {
        GradientFlow flow = SignalPropagator.Propagate(NetworkGraph.Parse("""
            x = Input([32])
            fc = Linear(32 -> 64, weight: KaimingNormal) <- x
            cut = Detach <- fc
            """));

        Assert.Empty(flow.Layers);
        Assert.Null(flow.Growth);
        Assert.Equal(new StopReason("cut", "no gradient reaches a layer with weights: what they compute is detached"), flow.Stop);
    }
}
