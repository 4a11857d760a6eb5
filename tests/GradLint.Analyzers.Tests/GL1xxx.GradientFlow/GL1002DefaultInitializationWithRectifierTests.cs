using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1002DefaultInitializationWithRectifierAnalyzer, GradLint.CodeFixes.Rules.GL1002DefaultInitializationWithRectifierCodeFix>;

namespace GradLint.Rules;

public sealed class GL1002DefaultInitializationWithRectifierTests
{
    [Fact]
    public Task A_deep_ReLU_network_at_its_defaults_vanishes_and_is_told_with_the_number() => Rule.Fixes(
        Net("{|#0:Net|}", 12, "ReLU()"),
        Net("Net", 12, "ReLU()", """

                    foreach (var module in modules())
                    {
                        if (module is Linear linear)
                        {
                            init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                            if (linear.bias is not null)
                            {
                                init.zeros_(linear.bias);
                            }
                        }
                    }
            """),
        [Expect.Warning(
            "GL1002",
            0,
            "'Net' leaves 12 layers with ReLU at TorchSharp's default initialization, which makes the backward signal about 2e4 times smaller on its way from "
            + "the last layer to the first (0.4 times per layer); 'kaiming_normal_' keeps its size")]);

    [Fact]
    public Task Between_one_and_a_half_and_three_decades_it_is_advice() =>
        Rule.Reports(Net("{|#0:Net|}", 6, "ReLU()"), [Expect.Info("GL1002", 0)]);

    [Fact]
    public Task Both_bounds_are_settings() => Rule.Reports(
        Code.Usings + Class("{|#0:Shallow|}", 4, "ReLU()", "") + Class("{|#1:Deep|}", 6, "ReLU()", ""),
        [Expect.Info("GL1002", 0), Expect.Warning("GL1002", 1)],
        editorConfig: "gradlint.GL1002.advice_decades = 1\ngradlint.GL1002.decades = 1.6");

    [Theory]
    [InlineData(3, "ReLU()")]
    [InlineData(12, "Tanh()")]
    [InlineData(12, "SELU()")]
    public Task Shallow_networks_and_other_activations_are_silent(int depth, string activation) => Rule.Reports(Net("Net", depth, activation));

    [Fact]
    public Task A_network_with_normalization_is_silent() => Rule.Reports(Net("Net", 12, "BatchNorm1d(64)"));

    [Fact]
    public Task Residual_connections_keep_the_signal() => Rule.Reports($$"""
        {{Code.Usings}}
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net() : base("net") { for (int i = 0; i < 12; i++) layers.Add(Linear(64, 64)); RegisterComponents(); }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = x + layer.forward(x).relu(); return x; }
        }
        """);

    [Fact]
    public Task A_Sequential_held_by_a_variable_is_fixed_behind_it() => Rule.Fixes(
        Code.Usings + """
        var linear = 1;
        var model = {|#0:Sequential|}(
            Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(),
            Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 10));
        model.train();
        """,
        Code.Usings + """
        var linear = 1;
        var model = Sequential(
            Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(),
            Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 64), GELU(), Linear(64, 10));
        foreach (var module in model.modules())
        {
            if (module is Linear linear2)
            {
                init.xavier_uniform_(linear2.weight, gain: 1.48);
                if (linear2.bias is not null)
                {
                    init.zeros_(linear2.bias);
                }
            }
        }
        model.train();
        """,
        [Expect.Warning("GL1002", 0)],
        Setup.TopLevelStatements);

    [Fact]
    public Task Convolutions_are_initialized_as_well()
    {
        string net(string name, string rest) => $$"""
            {{Code.Usings}}
            class {{name}} : Module<Tensor, Tensor>
            {
                private readonly Sequential layers = Sequential();
                public Net() : base("net")
                {
                    for (int i = 0; i < 10; i++)
                    {
                        layers.append(Conv2d(16, 16, 3, padding: 1));
                        layers.append(ReLU());
                    }
                    layers.append(AdaptiveAvgPool2d(1));
                    layers.append(Flatten());
                    layers.append(Linear(16, 10));
                    RegisterComponents();{{rest}}
                }
                public override Tensor forward(Tensor x) => layers.forward(x);
            }
            """;

        return Rule.Fixes(
            net("{|#0:Net|}", ""),
            net("Net", """

                    foreach (var module in modules())
                    {
                        if (module is Conv2d conv2d)
                        {
                            init.kaiming_normal_(conv2d.weight, nonlinearity: init.NonlinearityType.ReLU);
                            if (conv2d.bias is not null)
                            {
                                init.zeros_(conv2d.bias);
                            }
                        }
                        else if (module is Linear linear)
                        {
                            init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                            if (linear.bias is not null)
                            {
                                init.zeros_(linear.bias);
                            }
                        }
                    }
            """),
            [Expect.Warning("GL1002", 0)]);
    }

    [Fact]
    public Task FixAll_reaches_every_class_of_the_document()
    {
        string loop = """

                    foreach (var module in modules())
                    {
                        if (module is Linear linear)
                        {
                            init.kaiming_normal_(linear.weight, nonlinearity: init.NonlinearityType.ReLU);
                            if (linear.bias is not null)
                            {
                                init.zeros_(linear.bias);
                            }
                        }
                    }
            """;
        return Rule.Fixes(
            Code.Usings + Class("{|#0:First|}", 12, "ReLU()", "") + Class("{|#1:Second|}", 20, "ReLU()", ""),
            Code.Usings + Class("First", 12, "ReLU()", loop) + Class("Second", 20, "ReLU()", loop),
            [Expect.Warning("GL1002", 0), Expect.Warning("GL1002", 1)]);
    }

    [Fact]
    public Task Without_TorchSharp_nothing_is_said() => Rule.Reports("class Net { }", setup: Setup.WithoutTorchSharp);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Net("Net", 12, "Linear(64, "), setup: Setup.HalfTyped);

    private static string Net(string name, int depth, string activation, string afterRegistration = "") =>
        Code.Usings + Class(name, depth, activation, afterRegistration);

    private static string Class(string name, int depth, string activation, string afterRegistration) => $$"""

        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public {{name.Replace("{|#0:", "", StringComparison.Ordinal).Replace("{|#1:", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal)}}() : base("net")
            {
                for (int i = 0; i < {{depth}}; i++)
                {
                    layers.append(Linear(64, 64));
                    layers.append({{activation}});
                }
                RegisterComponents();{{afterRegistration}}
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;
}
