using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1003OversizedInitializationAnalyzer, GradLint.CodeFixes.Rules.GL1003OversizedInitializationCodeFix>;

namespace GradLint.Rules;

public sealed class GL1003OversizedInitializationTests
{
    [Fact]
    public Task Default_of_normal_in_a_deep_network_is_told_with_the_number() => Rule.Fixes(
        Net("{|#0:init.normal_(layer.weight)|};"),
        Net("init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.ReLU);"),
        [Expect.Warning(
            "GL1003",
            0,
            "'normal_(layer.weight)' with its default standard deviation 1 makes the backward signal about 3e10 times larger on its way through 11 layers "
            + "(9 times per layer of width 128); 'kaiming_normal_' keeps its size")]);

    [Theory]
    [InlineData("init.uniform_(layer.weight)")]
    [InlineData("init.uniform_(layer.weight, -1, 1)")]
    [InlineData("init.normal_(layer.weight, std: 0.25)")]
    [InlineData("init.xavier_normal_(layer.weight, 4)")]
    [InlineData("torch.nn.init.normal_(layer.weight, 0, Math.Sqrt(0.1))")]
    public Task Other_large_initializers_are_flagged(string call) => Rule.Reports(Net($"{{|GL1003:{call}|}};"));

    [Theory]
    [InlineData("init.kaiming_normal_(layer.weight)")]
    [InlineData("init.xavier_uniform_(layer.weight)")]
    [InlineData("init.normal_(layer.weight, 0, 0.02)")]
    [InlineData("init.normal_(layer.weight, 0, 0.13)")]
    [InlineData("init.uniform_(layer.weight, -0.1, 0.1)")]
    [InlineData("init.zeros_(layer.weight)")]
    [InlineData("init.normal_(layer.bias, 0, 10)")]
    [InlineData("init.normal_(layer.weight, 0, Environment.TickCount)")]
    public Task Initializers_that_fit_or_are_small_or_unknown_are_not(string call) => Rule.Reports(Net($"{call};"));

    [Fact]
    public Task Behind_norms_it_is_not_the_weights_that_make_the_signal_grow() => Rule.Reports($$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Net() : base("net")
            {
                for (int i = 0; i < 40; i++)
                {
                    var layer = Linear(64, 64);
                    init.normal_(layer.weight, 0, 0.3);
                    layers.append(layer);
                    layers.append(BatchNorm1d(64));
                    layers.append(ReLU());
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """);

    [Theory]
    [InlineData("BatchNorm1d({0})")]
    [InlineData("LayerNorm({0})")]
    [InlineData("Dropout(0.1), BatchNorm1d({0})")]
    [InlineData("ReLU(), BatchNorm1d({0})")]
    public Task A_norm_takes_the_size_of_the_weights_out_again_in_networks_that_become_narrow_too(string norm) =>
        Rule.Reports(Narrowing(norm, "init.kaiming_normal_(layer.weight, mode: init.FanInOut.FanOut)"));

    [Fact]
    public Task Without_a_norm_weights_for_the_outputs_of_a_layer_that_becomes_narrow_are_too_large() =>
        Rule.Reports(Narrowing("ReLU()", "{|GL1003:init.kaiming_normal_(layer.weight, mode: init.FanInOut.FanOut)|}"));

    [Theory]
    [InlineData("gradlint.GL1003.decades = 12")]
    [InlineData("gradlint.gl1003.decades = 12")]
    public Task The_bound_is_a_setting(string line) => Rule.Reports(Net("init.normal_(layer.weight);"), editorConfig: line);

    [Fact]
    public Task A_bound_that_is_no_number_counts_as_none() =>
        Rule.Reports(Net("{|GL1003:init.normal_(layer.weight)|};"), editorConfig: "gradlint.GL1003.decades = twelve");

    [Fact]
    public Task A_single_layer_that_multiplies_the_signal_by_ten_is_flagged() => Rule.Fixes(
        Shallow("{|#0:init.normal_(wide.weight)|}"),
        Shallow("init.kaiming_normal_(wide.weight, nonlinearity: init.NonlinearityType.ReLU)"),
        [Expect.Warning("GL1003", 0)]);

    [Fact]
    public Task In_front_of_tanh_Xavier_is_offered() => Rule.Fixes(
        Net("{|#0:init.normal_(layer.weight)|};", "Tanh()"),
        Net("init.xavier_uniform_(layer.weight);", "Tanh()"),
        [Expect.Warning("GL1003", 0)]);

    [Fact]
    public Task In_front_of_a_leaky_rectifier_its_slope_counts() => Rule.Fixes(
        Net("{|#0:init.normal_(layer.weight)|};", "LeakyReLU(0.2)"),
        Net("init.kaiming_normal_(layer.weight, a: 0.2, nonlinearity: init.NonlinearityType.LeakyReLU);", "LeakyReLU(0.2)"),
        [Expect.Warning("GL1003", 0)]);

    [Fact]
    public Task FixAll_replaces_every_call_in_the_block() => Rule.Fixes(
        TwoCalls("{|#0:init.normal_(first.weight)|}", "{|#1:init.normal_(second.weight)|}"),
        TwoCalls(
            "init.kaiming_normal_(first.weight, nonlinearity: init.NonlinearityType.ReLU)",
            "init.xavier_uniform_(second.weight)"),
        [Expect.Warning("GL1003", 0), Expect.Warning("GL1003", 1)]);

    [Fact]
    public Task In_a_residual_branch_an_initializer_that_fits_is_not_to_blame() => Rule.Reports(Residual("init.kaiming_normal_(layer.weight)"));

    [Fact]
    public Task In_a_residual_branch_an_oversized_one_is() => Rule.Reports(Residual("{|GL1003:init.normal_(layer.weight)|}"));

    [Fact]
    public Task Depth_that_is_a_parameter_is_known_where_the_network_is_created() => Rule.Reports($$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net(int depth) : base("net")
            {
                for (int i = 0; i < depth; i++) layers.Add(Linear(128, 128));
                RegisterComponents();
                foreach (var layer in layers) init.normal_(layer.weight);
            }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = layer.forward(x).relu(); return x; }
        }
        class Program
        {
            static void Main()
            {
                int depth = 12;
                var deep = {|#0:new Net(depth)|};
            }
        }
        """,
        [Expect.Warning("GL1003", 0)]);

    [Theory]
    [InlineData("double.NaN")]
    [InlineData("double.PositiveInfinity")]
    [InlineData("1e300")]
    public Task Weights_that_are_not_finite_are_left_to_others(string std) => Rule.Reports(Net($"init.normal_(layer.weight, 0, {std});"));

    [Fact]
    public Task An_initializer_called_on_the_weight_is_named_by_it() => Rule.Reports(
        Net("{|#0:layer.weight.normal_(0, 0.5)|};"),
        [Expect.Warning("GL1003", 0, "'layer.weight.normal_' with standard deviation 0.5 makes the backward signal about 1e7 times larger on its way through 11 layers (4 times per layer of width 128); 'kaiming_normal_' keeps its size")]);

    [Theory]
    [InlineData("layer.weight!.normal_(0, 0.5)", "layer.weight!.normal_")]
    [InlineData("parameter.normal_(0, 0.5)", "parameter.normal_")]
    public Task So_is_one_on_what_may_be_null_and_on_a_variable(string call, string name) => Rule.Reports(
        Net($"var parameter = layer.weight!; {{|#0:{call}|}};"),
        [Expect.Warning("GL1003", 0, $"'{name}' with standard deviation 0.5 makes the backward signal about 1e7 times larger on its way through 11 layers (4 times per layer of width 128); 'kaiming_normal_' keeps its size")]);

    [Fact]
    public Task Imported_names_stay_short() => Rule.Fixes(
        "using static TorchSharp.torch.nn.init;\n" + Net("{|#0:normal_(layer.weight)|};"),
        "using static TorchSharp.torch.nn.init;\n" + Net("kaiming_normal_(layer.weight, nonlinearity: NonlinearityType.ReLU);"),
        [Expect.Warning("GL1003", 0)]);

    [Fact]
    public Task A_Sequential_in_top_level_statements_is_read_too() => Rule.Reports(
        Code.Usings + """
        var model = Sequential(Linear(128, 128), ReLU(), Linear(128, 128), ReLU(), Linear(128, 10));
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (name.EndsWith("weight")) {|GL1003:init.normal_(parameter)|};
        }
        """,
        setup: Setup.TopLevelStatements);

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("""
        class Tensor { }
        class Linear { public Tensor weight; }
        static class init { public static void normal_(Tensor tensor, double mean = 0, double std = 1) { } }
        class Net { public Net(Linear layer) { init.normal_(layer.weight, 0, 1000); } }
        """);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(
        Net("init.normal_(layer.weight, 0, ;"), setup: Setup.HalfTyped);

    private static string Net(string initialization, string activation = "ReLU()") => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Net() : base("net")
            {
                for (int i = 0; i < 12; i++)
                {
                    var layer = Linear(128, 128);
                    {{initialization}}
                    layers.append(layer);
                    layers.append({{activation}});
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;

    private static string Narrowing(string norm, string call) => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(2000, 2000), second = Linear(2000, 10);
            private readonly Sequential body;
            public Net() : base("net")
            {
                body = Sequential(first, {{norm.Replace("{0}", "2000")}}, ReLU(), second, {{norm.Replace("{0}", "10")}}, ReLU(), Linear(10, 10));
                RegisterComponents();
                foreach (var layer in new[] { first, second }) {{call}};
            }
            public override Tensor forward(Tensor x) => body.call(x);
        }
        """;

    private static string Residual(string call) => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net() : base("net")
            {
                for (int i = 0; i < 20; i++)
                {
                    var layer = Linear(64, 64);
                    {{call}};
                    layers.Add(layer);
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = x + layer.forward(x).relu(); return x; }
        }
        """;

    private static string Shallow(string call) => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear wide = Linear(784, 128);
            private readonly Linear head = Linear(128, 10);
            public Net() : base("net")
            {
                RegisterComponents();
                {{call}};
            }
            public override Tensor forward(Tensor x) => head.forward(wide.forward(x).relu());
        }
        """;

    private static string TwoCalls(string first, string second) => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(1024, 1024);
            private readonly Linear second = Linear(1024, 1024);
            public Net() : base("net")
            {
                RegisterComponents();
                {{first}};
                {{second}};
            }
            public override Tensor forward(Tensor x) => second.forward(first.forward(x).relu());
        }
        """;
}
