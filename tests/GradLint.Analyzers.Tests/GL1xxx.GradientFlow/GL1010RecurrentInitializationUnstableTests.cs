using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1010RecurrentInitializationUnstableAnalyzer, GradLint.CodeFixes.Rules.GL1010RecurrentInitializationUnstableCodeFix>;

namespace GradLint.Rules;

public sealed class GL1010RecurrentInitializationUnstableTests
{
    [Fact]
    public Task Weights_drawn_too_large_are_told_with_the_growth_through_time() => Rule.Fixes(
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(\"weight_hh\")) {|#0:init.normal_(p)|};"),
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(\"weight_hh\")) init.orthogonal_(p);"),
        [Expect.Warning(
            "GL1010",
            0,
            "'normal_(p)' with its default standard deviation 1 makes the gradient of 'rnn' about 3e40 times larger on its way back through 100 time steps; "
            + "'orthogonal_' on the recurrent weights keeps it bounded")]);

    [Theory]
    [InlineData("RNN", "init.normal_(p, 0, 0.3)")]
    [InlineData("RNN", "init.uniform_(p, -0.5, 0.5)")]
    [InlineData("RNN", "init.xavier_normal_(p, 3)")]
    [InlineData("GRU", "init.normal_(p)")]
    [InlineData("LSTM", "init.normal_(p)")]
    public Task Every_cell_and_initializer_is_judged_by_its_own_growth(string cell, string call) => Rule.Reports(
        Net($"foreach (var (name, p) in rnn.named_parameters()) if (name.StartsWith(\"weight_hh\")) {{|GL1010:{call}|}};", cell));

    [Theory]
    [InlineData("RNN", "init.normal_(p, 0, 0.02)")]
    [InlineData("RNN", "init.xavier_uniform_(p)")]
    [InlineData("RNN", "init.orthogonal_(p)")]
    [InlineData("RNN", "init.zeros_(p)")]
    [InlineData("RNN", "init.normal_(p, 0, Environment.TickCount)")]
    [InlineData("GRU", "init.xavier_uniform_(p)")]
    [InlineData("LSTM", "init.orthogonal_(p)")]
    [InlineData("LSTM", "init.uniform_(p, -0.08, 0.08)")]
    public Task Weights_that_keep_the_gradient_bounded_or_are_unknown_are_silent(string cell, string call) => Rule.Reports(
        Net($"foreach (var (name, p) in rnn.named_parameters()) if (name.StartsWith(\"weight_hh\")) {call};", cell));

    [Fact]
    public Task The_defaults_are_silent() => Rule.Reports(Net(""));

    [Fact]
    public Task The_weights_for_the_input_do_not_act_through_time() => Rule.Reports(
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(\"weight_ih\")) init.normal_(p);"));

    [Fact]
    public Task Other_layers_are_left_to_GL1003() => Rule.Reports(Net("init.normal_(fc.weight);"));

    [Fact]
    public Task Parameters_asked_for_by_name_are_repaired_all_at_once() => Rule.Fixes(
        Stacked("{|#0:init.normal_(get_parameter(\"rnn.weight_hh_l0\"))|};", "{|#1:init.normal_(second.get_parameter(\"weight_hh_l0\"))|};"),
        Stacked("init.orthogonal_(get_parameter(\"rnn.weight_hh_l0\"));", "init.orthogonal_(second.get_parameter(\"weight_hh_l0\"));"),
        [Expect.Warning("GL1010", 0), Expect.Warning("GL1010", 1)]);

    [Fact]
    public Task Biases_that_the_same_call_draws_stay() => Rule.Fixes(
        Net("""
            foreach (var p in rnn.parameters())
                    {
                        {|#0:init.normal_(p)|};
                    }
            """),
        Net("""
            foreach (var p in rnn.parameters())
                    {
                        if (p.dim() > 1)
                        {
                            init.orthogonal_(p);
                        }
                        else
                        {
                            init.normal_(p);
                        }
                    }
            """),
        [Expect.Warning("GL1010", 0)]);

    [Fact]
    public Task In_place_methods_are_initializers_too() => Rule.Fixes(
        Net("foreach (var (name, p) in rnn.named_parameters()) if (name == \"weight_hh_l0\") {|#0:p.normal_()|};"),
        Net("foreach (var (name, p) in rnn.named_parameters()) if (name == \"weight_hh_l0\") init.orthogonal_(p);"),
        [Expect.Warning("GL1010", 0)]);

    [Fact]
    public Task Short_sequences_can_be_set() => Rule.Reports(
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(\"weight_hh\")) init.normal_(p, 0, 0.2);"), editorConfig: "gradlint.GL1010.steps = 2");

    [Fact]
    public Task The_bound_can_be_set() => Rule.Reports(
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(\"weight_hh\")) init.normal_(p);"), editorConfig: "gradlint.GL1010.decades = 200");

    [Fact]
    public Task A_network_that_top_level_statements_train_is_judged_where_it_is_written() => Rule.Reports(
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(\"weight_hh\")) {|GL1010:init.normal_(p)|};")
            .Replace("class Net", "var net = new Net();\nnet.forward(torch.randn(10, 4, 16)).sum().backward();\n\nclass Net"),
        setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_LSTM_and_Tensor_are_not_TorchSharps() => Rule.Reports("""
        class Tensor { }
        class LSTM { public Tensor weight_hh_l0 = new(); }
        static class init { public static void normal_(Tensor t) { } }
        class Net { LSTM rnn = new(); public Net() { init.normal_(rnn.weight_hh_l0); } }
        """);

    [Fact]
    public Task Half_typed_code_is_read_as_far_as_it_goes() => Rule.Reports(
        Net("foreach (var (name, p) in named_parameters()) if (name.Contains(") + "init.normal_(p", setup: Setup.HalfTyped);

    private static string Stacked(string first, string second) => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly RNN rnn = RNN(16, 128);
            private readonly GRU second = GRU(128, 128);

            public Net() : base("net")
            {
                RegisterComponents();
                {{first}}
                {{second}}
            }

            public override Tensor forward(Tensor x) => second.call(rnn.call(x).Item1).Item1;
        }
        """;

    private static string Net(string initialization, string cell = "RNN") => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly {{cell}} rnn = {{cell}}(16, 128);
            private readonly Linear fc = Linear(128, 4);

            public Net() : base("net")
            {
                RegisterComponents();
                {{initialization}}
            }

            public override Tensor forward(Tensor x) => fc.call(rnn.call(x).Item1[-1]);
        }
        """;
}
