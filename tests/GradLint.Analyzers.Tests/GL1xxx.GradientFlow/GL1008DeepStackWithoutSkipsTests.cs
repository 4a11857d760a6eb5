using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1008DeepStackWithoutSkipsAnalyzer, Microsoft.CodeAnalysis.Testing.EmptyCodeFixProvider>;

namespace GradLint.Rules;

public sealed class GL1008DeepStackWithoutSkipsTests
{
    // The tests turn every rule on.
    [Fact]
    public void By_default_it_is_off() => Assert.False(new GL1008DeepStackWithoutSkipsAnalyzer().SupportedDiagnostics.Single().IsEnabledByDefault);

    [Fact]
    public Task Twenty_layers_in_a_row_are_told_where_the_rule_is_on() => Rule.Reports(
        Net("{|#0:Net|}", 20, "x = layer(x)"),
        [Expect.Info("GL1008", 0, "'Net' has 20 layers in a row without a skip connection, from 'layers.0.0' to 'layers.19.0'")]);

    [Theory]
    [InlineData(19, "x = layer(x)")]
    [InlineData(40, "x = x + layer(x)")]
    public Task Fewer_layers_and_skip_connections_are_silent(int depth, string step) => Rule.Reports(Net("Net", depth, step));

    [Fact]
    public Task Depth_is_a_setting() => Rule.Reports(Net("Net", 20, "x = layer(x)"), editorConfig: "gradlint.GL1008.layers = 21");

    [Fact]
    public Task In_top_level_statements_a_Sequential_is_read() => Rule.Reports(
        Code.Usings + $"var model = {{|#0:Sequential|}}({string.Join(", ", Enumerable.Repeat("Linear(64, 64), LayerNorm(64), ReLU()", 24))});",
        [Expect.Info("GL1008", 0)],
        Setup.TopLevelStatements);

    [Fact]
    public Task Where_another_rule_gives_the_number_this_one_is_silent() => Rule.Reports(
        Net("Net", 24, "x = layer(x)").Replace("LayerNorm(64), ", "", StringComparison.Ordinal));

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Net("Net", 30, "x = layer("), setup: Setup.HalfTyped);

    private static string Net(string name, int depth, string step) => $$"""
        {{Code.Usings}}
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Sequential> layers = new();
            public {{name.Replace("{|#0:", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal)}}() : base("net") { for (int i = 0; i < {{depth}}; i++) layers.Add(Sequential(Linear(64, 64), LayerNorm(64), ReLU())); RegisterComponents(); }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) {{step.Replace("layer(", "layer.forward(", StringComparison.Ordinal)}}; return x; }
        }
        """;
}
