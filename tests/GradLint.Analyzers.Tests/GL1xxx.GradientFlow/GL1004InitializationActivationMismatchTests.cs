using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1004InitializationActivationMismatchAnalyzer, GradLint.CodeFixes.Rules.GL1004InitializationActivationMismatchCodeFix>;

namespace GradLint.Rules;

public sealed class GL1004InitializationActivationMismatchTests
{
    [Fact]
    public Task Xavier_before_ReLU_is_told_with_what_it_costs() => Rule.Fixes(
        Net("{|#0:init.xavier_uniform_(layer.weight)|}; // glorot"),
        Net("init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.ReLU); // glorot"),
        [Expect.Info(
            "GL1004",
            0,
            "'xavier_uniform_(layer.weight)' does not fit the ReLU behind its 16 layers: the backward signal becomes about 200 times smaller on its way back, "
            + "with 'kaiming_normal_' about 3 times larger")]);

    [Theory]
    [InlineData("init.xavier_normal_(layer.weight)", "ReLU()")]
    [InlineData("init.kaiming_uniform_(layer.weight, Math.Sqrt(5))", "ReLU()")]
    [InlineData("init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.Linear)", "ReLU()")]
    public Task Other_initializers_that_contradict_the_activation_are_flagged(string call, string activation) =>
        Rule.Reports(Net($"{{|#0:{call}|}};", activation), [Expect.Info("GL1004", 0)]);

    [Theory]
    [InlineData("init.kaiming_normal_(layer.weight)", "ReLU()")]
    [InlineData("init.kaiming_uniform_(layer.weight, nonlinearity: init.NonlinearityType.ReLU)", "ReLU()")]
    [InlineData("init.xavier_uniform_(layer.weight)", "Tanh()")]
    [InlineData("init.kaiming_normal_(layer.weight, 0.2)", "LeakyReLU(0.2)")]
    [InlineData("init.normal_(layer.weight, 0, 0.05)", "ReLU()")]
    [InlineData("init.xavier_uniform_(layer.weight, Math.Sqrt(2))", "ReLU()")]
    public Task Initializers_that_fit_and_those_for_no_activation_are_not(string call, string activation) => Rule.Reports(Net($"{call};", activation));

    [Fact]
    public Task In_few_layers_it_costs_too_little_to_be_told() => Rule.Reports(Net("init.xavier_uniform_(layer.weight);", depth: 4));

    [Fact]
    public Task A_slope_that_is_a_mistake_need_not_be_fitted() => Rule.Reports(Net("init.kaiming_normal_(layer.weight);", "LeakyReLU(5)"));

    [Fact]
    public Task The_last_layer_of_a_residual_branch_has_no_activation_to_fit() => Rule.Reports($$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net() : base("net") { for (int i = 0; i < 20; i++) { var l = Linear(64, 64); init.kaiming_normal_(l.weight); layers.Add(l); } RegisterComponents(); }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = x + layer.forward(x); return x; }
        }
        """);

    [Fact]
    public Task FixAll_replaces_both_calls_of_a_block() => Rule.Fixes(
        Net("{|#0:init.xavier_uniform_(layer.weight)|};", second: "{|#1:init.xavier_normal_(layer2.weight)|};"),
        Net(
            "init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.ReLU);",
            second: "init.kaiming_normal_(layer2.weight, nonlinearity: init.NonlinearityType.ReLU);"),
        [Expect.Info("GL1004", 0), Expect.Info("GL1004", 1)]);

    [Fact]
    public Task Top_level_statements_are_read() => Rule.Reports(
        Code.Usings + """
        var model = Sequential();
        for (int i = 0; i < 16; i++)
        {
            var layer = Linear(64, 64);
            {|#0:init.xavier_uniform_(layer.weight)|};
            model.append(layer).append(ReLU());
        }
        """,
        [Expect.Info("GL1004", 0)],
        Setup.TopLevelStatements);

    [Fact]
    public Task The_bound_is_a_setting() => Rule.Reports(Net("init.xavier_uniform_(layer.weight);"), editorConfig: "gradlint.GL1004.decades = 3");

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("""
        class Tensor { }
        static class init { public static void xavier_uniform_(Tensor tensor) { } }
        class Net { public Net(Tensor weight) { for (int i = 0; i < 30; i++) init.xavier_uniform_(weight); } }
        """);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Net("init.xavier_uniform_(layer.weight, ;"), setup: Setup.HalfTyped);

    private static string Net(string initialization, string activation = "ReLU()", int depth = 16, string second = "") => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Net() : base("net")
            {
                for (int i = 0; i < {{depth}}; i++)
                {
                    var layer = Linear(64, 64);
                    {{initialization}}
                    {{(second.Length == 0 ? "" : $"var layer2 = Linear(64, 64); layers.append(layer2); layers.append(ReLU());\n            {second}")}}
                    layers.append(layer);
                    layers.append({{activation}});
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;
}
