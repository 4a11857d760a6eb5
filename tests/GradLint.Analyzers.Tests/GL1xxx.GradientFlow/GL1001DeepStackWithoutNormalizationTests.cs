using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1001DeepStackWithoutNormalizationAnalyzer, GradLint.CodeFixes.Rules.GL1001DeepStackWithoutNormalizationCodeFix>;

namespace GradLint.Rules;

public sealed class GL1001DeepStackWithoutNormalizationTests
{
    private const string Small = "init.normal_(layer.weight, 0, 0.09);";

    [Fact]
    public Task A_norm_is_appended_behind_each_layer() => Rule.Fixes(
        Net("Net", "var layer = {|#0:Linear(64, 64)|};", Small),
        Net("Net", "var layer = Linear(64, 64);", Small, "layers.append(LayerNorm(64));"),
        [Expect.Warning(
            "GL1001",
            0,
            "13 layers of 'Net', from 'layers.0' to 'layers.24', have no normalization or skip connections: the backward signal becomes about 4000 times smaller "
            + "on its way through them; the initialization Normal(standardDeviation: 0.09) accounts for 3.3 of 3.6 decades")]);

    [Fact]
    public Task Field_constructor_and_forward_are_edited_together_and_comments_stay() => Rule.Fixes(
        Code.Usings + """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = {|#0:Linear(64, 64)|}; // the first
            private readonly Linear fc2, fc_3;
            private readonly Module<Tensor, Tensor> fc4;
            private readonly TorchSharp.Modules.Linear _fc5 = torch.nn.Linear(64, 64, dtype: float32);
            private readonly Linear fc6 = Linear(64, 64), fc7 = Linear(64, 64), fc8 = Linear(64, 64), head = Linear(64, 1);

            public Net() : base("net")
            {
                fc2 = Linear(64, 64); // the second
                this.fc_3 = Linear(64, 64);
                fc4 = nn.Linear(64, 64);
                RegisterComponents();
                init.zeros_(fc2.bias);
            }

            public override Tensor forward(Tensor x)
            {
                x = fc1.call(x).silu(); // as a method
                x = functional.silu(fc2.call(x)); // as a function
                x = fc_3.forward(x).silu();
                return head.call(fc8.call(fc7.call(fc6.call(_fc5.call(fc4.call(x).silu()).silu()).silu()).silu()).silu());
            }
        }
        """,
        Code.Usings + """
        class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64); // the first
            private readonly LayerNorm fc1Norm = LayerNorm(64);
            private readonly Linear fc2, fc_3;
            private readonly LayerNorm fc2Norm;
            private readonly LayerNorm fc_3_norm;
            private readonly Module<Tensor, Tensor> fc4;
            private readonly Module<Tensor, Tensor> fc4Norm;
            private readonly TorchSharp.Modules.Linear _fc5 = torch.nn.Linear(64, 64, dtype: float32);
            private readonly TorchSharp.Modules.LayerNorm _fc5Norm = torch.nn.LayerNorm(64, dtype: float32);
            private readonly Linear fc6 = Linear(64, 64), fc7 = Linear(64, 64), fc8 = Linear(64, 64), head = Linear(64, 1);
            private readonly LayerNorm fc6Norm = LayerNorm(64);
            private readonly LayerNorm fc7Norm = LayerNorm(64);
            private readonly LayerNorm fc8Norm = LayerNorm(64);

            public Net() : base("net")
            {
                fc2 = Linear(64, 64); // the second
                fc2Norm = LayerNorm(64);
                this.fc_3 = Linear(64, 64);
                this.fc_3_norm = LayerNorm(64);
                fc4 = nn.Linear(64, 64);
                fc4Norm = nn.LayerNorm(64);
                RegisterComponents();
                init.zeros_(fc2.bias);
            }

            public override Tensor forward(Tensor x)
            {
                x = fc1Norm.call(fc1.call(x)).silu(); // as a method
                x = functional.silu(fc2Norm.call(fc2.call(x))); // as a function
                x = fc_3_norm.forward(fc_3.forward(x)).silu();
                return head.call(fc8Norm.call(fc8.call(fc7Norm.call(fc7.call(fc6Norm.call(fc6.call(_fc5Norm.call(_fc5.call(fc4Norm.call(fc4.call(x)).silu())).silu())).silu())).silu())).silu());
            }
        }
        """,
        [Expect.Warning("GL1001", 0)]);

    [Fact]
    public Task Named_modules_each_on_its_line_get_named_norms_on_lines_of_their_own() => Rule.Fixes(
        Convolutions("{|#0:Conv2d(3, 16, 3)|}", ""), Convolutions("Conv2d(3, 16, 3)", "_norm"), [Expect.Warning("GL1001", 0)]);

    [Fact]
    public Task FixAll_reaches_two_networks_in_one_block_of_statements() => Rule.Fixes(
        Code.Usings + $"var a = Sequential(\n    {Stack("{|#0:Linear(32, 32)|}", "", "Softplus()")});\nvar b = Sequential(\n    {Stack("{|#1:Linear(32, 32)|}", "", "Softplus()")});",
        Code.Usings + $"var a = Sequential(\n    {Stack("Linear(32, 32)", ", LayerNorm(32)", "Softplus()")});\nvar b = Sequential(\n    {Stack("Linear(32, 32)", ", LayerNorm(32)", "Softplus()")});",
        [Expect.Warning("GL1001", 0), Expect.Warning("GL1001", 1)],
        Setup.TopLevelStatements);

    [Fact]
    public Task Layers_in_a_list_that_forward_walks_through_get_no_fix() => Rule.Fixes(
        List("{|#0:Linear(64, 64)|}"), List("{|#0:Linear(64, 64)|}"), [Expect.Warning("GL1001", 0)]);

    [Fact]
    public Task Between_one_and_two_decades_it_is_advice() => Rule.Reports(
        Net("Net", "var layer = {|#0:Linear(64, 64)|};", "init.normal_(layer.weight, 0, 0.13);"), [Expect.Info("GL1001", 0)]);

    [Theory]
    [InlineData("var layer = Linear(64, 64);", "init.kaiming_normal_(layer.weight);")]
    [InlineData("var layer = Linear(64, 64);", "init.normal_(layer.weight, 0, 0.09); layers.append(BatchNorm1d(64));")]
    [InlineData("var layer = Linear(64, 64);", "init.normal_(layer.weight, 0, 1);")]
    [InlineData("var layer = Linear(64, 64);", "init.normal_(layer.weight, 0, Environment.TickCount);")]
    public Task Fitting_weights_norms_and_what_GL1003_speaks_of_are_silent(string layer, string rest) => Rule.Reports(Net("Net", layer, rest));

    [Theory]
    [InlineData(7, false)]
    [InlineData(12, true)]
    public Task Rectifiers_at_default_weights_are_as_serious_as_those_weights(int depth, bool isWarning) => Rule.Reports(
        Net("Net", "var layer = {|#0:Linear(64, 64)|};", "").Replace("i < 12", $"i < {depth}"),
        [isWarning ? Expect.Warning("GL1001", 0) : Expect.Info("GL1001", 0)]);

    [Fact]
    public Task Skip_connections_end_a_stack() => Rule.Reports($$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net() : base("net") { for (int i = 0; i < 12; i++) layers.Add(Linear(64, 64)); RegisterComponents(); }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = x + layer.forward(x).tanh() * 0.01; return x; }
        }
        """);

    [Fact]
    public Task A_part_without_norms_is_found_in_a_network_that_has_some() => Rule.Reports(
        Net("Net", "var layer = {|GL1001:Linear(64, 64)|};", Small, "", "layers.append(LayerNorm(64)); layers.append(Linear(64, 64));"));

    [Fact]
    public Task Bounds_and_depth_are_settings() => Rule.Reports(
        Net("Net", "var layer = Linear(64, 64);", Small), editorConfig: "gradlint.GL1001.layers = 14");

    [Fact]
    public Task Decades_are_a_setting() => Rule.Reports(
        Net("Net", "var layer = {|#0:Linear(64, 64)|};", Small), [Expect.Info("GL1001", 0)], editorConfig: "gradlint.GL1001.decades = 4");

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("""
        class Tensor { }
        class Linear { public Linear(int a, int b) { } public Tensor call(Tensor x) => x; }
        class Net { Linear a = new(8, 8); public Tensor forward(Tensor x) => a.call(a.call(a.call(a.call(a.call(a.call(a.call(a.call(a.call(x))))))))); }
        """);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Net("Net", "var layer = Linear(64, ", Small), setup: Setup.HalfTyped);

    private static string Net(string name, string layer, string initialization, string norm = "", string end = "") => $$"""
        {{Code.Usings}}
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public {{name}}() : base("net")
            {
                for (int i = 0; i < 12; i++)
                {
                    {{layer}}
                    {{initialization}}
                    layers.append(layer);{{(norm.Length == 0 ? "" : "\n            " + norm)}}
                    layers.append(ReLU());
                }
                {{end}}
                layers.append(Linear(64, 1));
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.call(x);
        }
        """;

    private static string List(string layer) => $$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net() : base("net")
            {
                for (int i = 0; i < 12; i++) layers.Add({{layer}});
                RegisterComponents();
            }
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in layers) x = layer.forward(x).silu();
                return x;
            }
        }
        """;

    private static string Stack(string first, string norm, string activation) => string.Join(",\n    ",
        Enumerable.Range(0, 9).Select(i => $"{(i == 0 ? first : "Linear(32, 32)")}{norm}, {activation}").Append("Linear(32, 1)"));

    private static string Convolutions(string first, string norm)
    {
        string added(int i) => norm.Length == 0 ? "" : $"\n        (\"c{i}{norm}\", BatchNorm2d(16)),";
        return $$"""
            {{Code.Usings}}
            class Net : Module<Tensor, Tensor>
            {
                private readonly Sequential features = Sequential(
                    ("c0", {{first}}), // colours{{added(0)}}
                    ("a0", Softplus()),
            {{string.Join("\n", Enumerable.Range(1, 8).Select(i => $"        (\"c{i}\", Conv2d(16, 16, 3)),{added(i)}\n        (\"a{i}\", Softplus()),"))}}
                    ("pool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()), ("head", Linear(16, 10)));
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => features.call(x);
            }
            """;
    }
}
