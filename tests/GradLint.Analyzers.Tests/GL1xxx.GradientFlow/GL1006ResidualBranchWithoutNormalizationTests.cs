using GradLint.Verification;
using Fix = GradLint.CodeFixes.Rules.GL1006ResidualBranchWithoutNormalizationCodeFix;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1006ResidualBranchWithoutNormalizationAnalyzer, GradLint.CodeFixes.Rules.GL1006ResidualBranchWithoutNormalizationCodeFix>;

namespace GradLint.Rules;

public sealed class GL1006ResidualBranchWithoutNormalizationTests
{
    [Fact]
    public Task He_branches_explode_and_get_a_norm_at_their_start() => Rule.Fixes(
        Blocks("{|#0:Sequential|}", ""),
        Blocks("Sequential", "", "\n    private readonly LayerNorm fc1Norm = LayerNorm(64);", "fc1.call(fc1Norm.call(x))"),
        [Expect.Warning(
            "GL1006",
            0,
            "The branches of 14 residual blocks of 'model' have no normalization, which makes the backward signal about 6000 times larger on its way from the last layer to the first; "
            + "with a norm at the start of each branch about 3 times")],
        Setup.TopLevelStatements,
        Fix.Norm);

    [Fact]
    public Task Or_their_last_layer_starts_at_zero() => Rule.Fixes(
        Blocks("{|#0:Sequential|}", ""), Blocks("Sequential", "\n        init.zeros_(fc2.weight);"), [Expect.Warning("GL1006", 0)], Setup.TopLevelStatements, Fix.Zero);

    [Fact]
    public Task Rectifiers_at_the_end_of_the_branch_add_up_at_default_weights_too() => Rule.Fixes(
        Loop("{|#0:Net|}", "x + layer.forward(x).relu()", 60), Loop("{|#0:Net|}", "x + layer.forward(x).relu()", 60), [Expect.Warning("GL1006", 0)]);

    [Theory]
    [InlineData("x + layer.forward(x)", 12)]
    [InlineData("x + layer.forward(x) * 0.1", 30)]
    [InlineData("layer.forward(x).relu()", 12)]
    [InlineData("x + layer.forward(functional.layer_norm(x, new long[] { 64 }))", 30)]
    public Task Few_or_scaled_or_unknown_branches_and_plain_stacks_are_silent(string step, int blocks) => Rule.Reports(Loop("Net", step, blocks));

    [Fact]
    public Task Branches_with_a_norm_are_silent() =>
        Rule.Reports(Blocks("Sequential", "", "\n    private readonly LayerNorm norm = LayerNorm(64);", "fc1.call(norm.call(x))"), setup: Setup.TopLevelStatements);

    [Fact]
    public Task FixAll_edits_a_block_of_two_networks_once() => Rule.Fixes(
        Blocks("{|#0:Sequential|}", "", more: "var other = {|#1:Sequential|}(Enumerable.Range(0, 16).Select(_ => new Block()).ToArray());"),
        Blocks("Sequential", "\n        init.zeros_(fc2.weight);", more: "var other = Sequential(Enumerable.Range(0, 16).Select(_ => new Block()).ToArray());"),
        [Expect.Warning("GL1006", 0), Expect.Warning("GL1006", 1)],
        Setup.TopLevelStatements,
        Fix.Zero);

    [Fact]
    public Task The_bound_is_a_setting() => Rule.Reports(Blocks("Sequential", ""), setup: Setup.TopLevelStatements, editorConfig: "gradlint.GL1006.decades = 5");

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("""
        class Tensor { public static Tensor operator +(Tensor a, Tensor b) => a; }
        class Linear { public Tensor call(Tensor x) => x; }
        class Net { Linear a = new(); public Tensor forward(Tensor x) { for (int i = 0; i < 99; i++) x = x + a.call(x); return x; } }
        """);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Loop("Net", "x + layer.", 60), setup: Setup.HalfTyped);

    private static string Blocks(string sequential, string end, string field = "", string branch = "fc1.call(x)", string more = "") => Code.Usings + $$"""
        var model = {{sequential}}(Enumerable.Range(0, 14).Select(_ => new Block()).ToArray());
        {{more}}
        class Block : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64);{{field}}
            private readonly Linear fc2 = Linear(64, 64);
            public Block() : base("block")
            {
                RegisterComponents();
                init.kaiming_normal_(fc1.weight);
                init.kaiming_normal_(fc2.weight);{{end}}
            }
            public override Tensor forward(Tensor x) => x + fc2.call({{branch}}.relu());
        }
        """;

    private static string Loop(string name, string step, int blocks) => $$"""
        {{Code.Usings}}
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public {{name.Replace("{|#0:", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal)}}() : base("net") { for (int i = 0; i < {{blocks}}; i++) layers.Add(Linear(64, 64)); RegisterComponents(); }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = {{step}}; return x; }
        }
        """;
}
