using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1007NormalizationWithoutSkipsAnalyzer, GradLint.CodeFixes.Rules.GL1007NormalizationWithoutSkipsCodeFix>;

namespace GradLint.Rules;

public sealed class GL1007NormalizationWithoutSkipsTests
{
    [Fact]
    public Task Norms_behind_activations_change_places_with_them() => Rule.Fixes(
        Net("{|#0:Net|}", "layers.append(Linear(64, 64));", "layers.append(ReLU()); // rectify", "layers.append(LayerNorm(64));", 30, "layers.append(Linear(64, 1));"),
        Net("Net", "layers.append(Linear(64, 64));", "layers.append(LayerNorm(64)); // rectify", "layers.append(ReLU());", 30, "layers.append(Linear(64, 1));"),
        [Expect.Info("GL1007", 0)]);

    [Fact]
    public Task Batch_normalization_in_a_very_deep_network_is_told_but_there_is_no_fix() => Rule.Fixes(
        Net("{|#0:Net|}", "layers.append(Linear(64, 64));", "layers.append(BatchNorm1d(64));", "layers.append(ReLU());", 40),
        Net("{|#0:Net|}", "layers.append(Linear(64, 64));", "layers.append(BatchNorm1d(64));", "layers.append(ReLU());", 40),
        [Expect.Info(
            "GL1007",
            0,
            "BatchNorm without skip connections makes the backward signal of the 40 layers of 'Net' about 3000 times larger on its way from the last to the first; skip connections keep its size")]);

    [Theory]
    [InlineData("layers.append(BatchNorm1d(64));", "layers.append(ReLU());", 16)]
    [InlineData("layers.append(LayerNorm(64));", "layers.append(ReLU());", 60)]
    [InlineData("layers.append(ReLU());", "layers.append(LayerNorm(64));", 8)]
    public Task Networks_of_usual_depth_and_norms_in_front_of_activations_are_silent(string second, string third, int depth) =>
        Rule.Reports(Net("Net", "layers.append(Linear(64, 64));", second, third, depth));

    [Fact]
    public Task Skip_connections_keep_the_gradient() => Rule.Reports($$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Module<Tensor, Tensor>> layers = new();
            public Net() : base("net") { for (int i = 0; i < 40; i++) layers.Add(Sequential(BatchNorm1d(64), ReLU(), Linear(64, 64))); RegisterComponents(); }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = x + layer.forward(x); return x; }
        }
        """);

    [Fact]
    public Task FixAll_reaches_two_networks_of_one_program()
    {
        string program(string first, string second) => Code.Usings + $"var a = {first};\nvar b = {second};";
        string before(string sequential) => $"{sequential}(\n    {string.Join(",\n    ", Enumerable.Repeat("Linear(64, 64), ReLU(), LayerNorm(64)", 24))}, Linear(64, 1))";
        string after = $"Sequential(\n    {string.Join(",\n    ", Enumerable.Repeat("Linear(64, 64), LayerNorm(64), ReLU()", 24))}, Linear(64, 1))";
        return Rule.Fixes(
            program(before("{|#0:Sequential|}"), before("{|#1:Sequential|}")),
            program(after, after),
            [Expect.Info("GL1007", 0), Expect.Info("GL1007", 1)],
            Setup.TopLevelStatements);
    }

    [Fact]
    public Task The_bound_is_a_setting() => Rule.Reports(
        Net("Net", "layers.append(Linear(64, 64));", "layers.append(ReLU());", "layers.append(LayerNorm(64));"), editorConfig: "gradlint.GL1007.decades = 9");

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("class Tensor { } class LayerNorm { } class Net { LayerNorm a = new(); public Tensor forward(Tensor x) => x; }");

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(
        Net("Net", "layers.append(Linear(64, 64));", "layers.append(ReLU(", "layers.append(LayerNorm(64));"), setup: Setup.HalfTyped);

    private static string Net(string name, string first, string second, string third, int depth = 20, string end = "") => $$"""
        {{Code.Usings}}
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public {{name.Replace("{|#0:", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal)}}() : base("net")
            {
                for (int i = 0; i < {{depth}}; i++)
                {
                    {{first}}
                    {{second}}
                    {{third}}
                }
                {{end}}
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;
}
