using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1009SaturatingActivationInDeepStackAnalyzer, GradLint.CodeFixes.Rules.GL1009SaturatingActivationInDeepStackCodeFix>;

namespace GradLint.Rules;

public sealed class GL1009SaturatingActivationInDeepStackTests
{
    private const string Loop = """

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

    [Fact]
    public Task Functions_between_layers_become_ReLU_and_the_one_at_the_output_stays() => Rule.Fixes(
        Fields("{|#0:Net|}", "x.sigmoid()", "sigmoid(x)", "functional.sigmoid(x)", ""),
        Fields("Net", "x.relu()", "functional.relu(x)", "functional.relu(x)", Loop),
        [Expect.Info(
            "GL1009",
            0,
            "'Net' has 4 layers with Sigmoid between them, which make the backward signal about 400 times smaller on its way from 'fc4' back to 'fc1' (0.1 times per layer); ReLU with "
            + "'kaiming_normal_' keeps its size")]);

    [Fact]
    public Task An_output_layer_that_is_drawn_small_on_purpose_is_not_the_activations_doing() => Rule.Reports(Code.InClass("""
        static Sequential Policy()
        {
            var head = Linear(64, 4);
            init.orthogonal_(head.weight, 0.01);
            return Sequential(Linear(8, 64), Tanh(), Linear(64, 64), Tanh(), head);
        }
        """));

    [Fact]
    public Task From_four_decades_it_warns_and_a_field_changes_its_type() => Rule.Fixes(
        Modules("{|#0:Net|}", "Tanh", ""), Modules("Net", "ReLU", Loop), [Expect.Warning("GL1009", 0)]);

    [Fact]
    public Task FixAll_reaches_two_networks_of_one_program()
    {
        string loop(string name) => $$"""

            foreach (var module in {{name}}.modules())
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
        string stack(string name, string sequential, string activation, string end) =>
            $"static void {name}()\n{{\n    var {name} = {sequential}(\n        {string.Join(", ", Enumerable.Repeat($"Linear(16, 16), {activation}", 5))}, Linear(16, 1), Sigmoid());"
            + end.Replace("\n", "\n    ", StringComparison.Ordinal) + "\n}\n";
        return Rule.Fixes(
            Code.InClass(stack("a", "{|#0:Sequential|}", "Sigmoid()", "") + stack("b", "{|#1:Sequential|}", "Sigmoid()", "")),
            Code.InClass(stack("a", "Sequential", "ReLU()", loop("a")) + stack("b", "Sequential", "ReLU()", loop("b"))),
            [Expect.Warning("GL1009", 0), Expect.Warning("GL1009", 1)]);
    }

    [Fact]
    public Task Top_level_statements_are_read() => Rule.Reports(
        Code.Usings + $"var model = {{|GL1009:Sequential|}}({string.Join(", ", Enumerable.Repeat("Linear(16, 16), Sigmoid()", 6))});", setup: Setup.TopLevelStatements);

    [Theory]
    [InlineData("x.relu()", "x.relu()", "x.relu()")]
    [InlineData("x.tanh()", "x.tanh()", "x.tanh()")]
    [InlineData("x.relu()", "x.sigmoid()", "x.relu()")]
    public Task Rectifiers_shallow_tanh_and_single_gates_are_silent(string first, string second, string third) => Rule.Reports(Fields("Net", first, second, third, ""));

    [Fact]
    public Task Both_bounds_are_settings() => Rule.Reports(
        Fields("{|#0:Net|}", "x.sigmoid()", "x.sigmoid()", "x.sigmoid()", ""), [Expect.Warning("GL1009", 0)], editorConfig: "gradlint.GL1009.decades = 2.2");

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("""
        class Tensor { public Tensor sigmoid() => this; }
        class Net { public Tensor forward(Tensor x) => x.sigmoid().sigmoid().sigmoid().sigmoid().sigmoid(); }
        """);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Fields("Net", "x.", "x.sigmoid()", "x.sigmoid()", ""), setup: Setup.HalfTyped);

    private static string Fields(string name, string first, string second, string third, string end) => $$"""
        {{Code.Usings}}
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(64, 64), fc2 = Linear(64, 64), fc3 = Linear(64, 64), fc4 = Linear(64, 1);
            public {{Plain(name)}}() : base("net")
            {
                RegisterComponents();{{end}}
            }
            public override Tensor forward(Tensor x)
            {
                x = fc1.call(x);
                x = {{first}};
                x = fc2.call(x);
                x = {{second}};
                x = fc3.call(x);
                x = {{third}};
                return torch.sigmoid(fc4.call(x));
            }
        }
        """;

    private static string Modules(string name, string activation, string end) => $$"""
        {{Code.Usings}}
        class {{name}} : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            private readonly {{activation}} act = {{activation}}(); // between the layers
            private readonly Linear head = Linear(32, 1);
            public {{Plain(name)}}() : base("net")
            {
                for (int i = 0; i < 24; i++) layers.Add(Linear(32, 32));
                RegisterComponents();{{end}}
            }
            public override Tensor forward(Tensor x)
            {
                foreach (var layer in layers) x = act.call(layer.call(x));
                return head.call(x);
            }
        }
        """;

    private static string Plain(string name) => name.Replace("{|#0:", "", StringComparison.Ordinal).Replace("|}", "", StringComparison.Ordinal);
}
