using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL3005NoValidationAnalyzer, Microsoft.CodeAnalysis.Testing.EmptyCodeFixProvider>;

namespace GradLint.Rules;

public sealed class GL3005NoValidationTests
{
    private const string Enabled = "dotnet_diagnostic.GL3005.severity = suggestion";

    private const string Step = """
        optimizer.zero_grad();
        model.forward(x).sum().backward();
        {|#0:optimizer.step()|};
        """;

    [Fact]
    public Task A_training_that_nothing_evaluates_is_reported() =>
        Verify.Reports(
            InTrainingLoop(Step),
            [Expect.Info("GL3005", 0, "Nothing around the training with 'optimizer' evaluates the network, neither 'eval()' nor 'no_grad()': overfitting goes unseen")],
            editorConfig: Enabled);

    [Theory]
    [InlineData("model.eval();")]
    [InlineData("using (torch.no_grad()) model.forward(x);")]
    [InlineData("using (torch.inference_mode()) model.forward(x);")]
    public Task A_look_at_the_network_is_enough(string look) =>
        Verify.Reports(InTrainingLoop(Step.Replace("{|#0:", string.Empty).Replace("|}", string.Empty) + "\n" + look), editorConfig: Enabled);

    [Fact]
    public Task The_caller_may_evaluate() =>
        Verify.Reports(
            InClass("""
                static void Run(SmallNet model, torch.optim.Optimizer optimizer)
                {
                    for (int epoch = 0; epoch < 10; epoch++) { Train(model, optimizer); Evaluate(model); }
                }

                static void Train(SmallNet model, torch.optim.Optimizer optimizer)
                {
                    while (true) { model.forward(torch.ones(4)).sum().backward(); optimizer.step(); optimizer.zero_grad(); }
                }

                static void Evaluate(SmallNet model) => model.eval();
                """),
            editorConfig: Enabled);

    [Fact]
    public Task A_single_step_is_no_training() =>
        Verify.Reports(InMethod("var optimizer = torch.optim.Adam(new SmallNet().parameters()); optimizer.step();"), editorConfig: Enabled);

    [Fact]
    public void It_is_off_unless_it_is_turned_on() => Assert.False(new GL3005NoValidationAnalyzer().SupportedDiagnostics.Single().IsEnabledByDefault);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Reports(
            Usings + "var optimizer = torch.optim.Adam(Linear(1, 1).parameters());\nwhile (true) { {|#0:optimizer.step()|}; }",
            [Expect.Info("GL3005", 0)],
            Setup.TopLevelStatements,
            Enabled);

    [Fact]
    public Task A_users_own_optimizer_is_not_meant() =>
        Verify.Reports("class Adam { void step() { while (true) step(); } }", editorConfig: Enabled);

    [Fact]
    public Task Half_typed_code_is_silent() => Verify.Reports(InTrainingLoop("optimizer.step"), setup: Setup.HalfTyped, editorConfig: Enabled);
}
