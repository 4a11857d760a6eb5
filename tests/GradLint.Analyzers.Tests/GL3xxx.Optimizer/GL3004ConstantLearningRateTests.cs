using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL3004ConstantLearningRateAnalyzer, Microsoft.CodeAnalysis.Testing.EmptyCodeFixProvider>;

namespace GradLint.Rules;

public sealed class GL3004ConstantLearningRateTests
{
    private const string Enabled = "dotnet_diagnostic.GL3004.severity = suggestion";

    [Fact]
    public Task A_rate_that_nothing_changes_is_reported() =>
        Verify.Reports(
            Training("{|#0:torch.optim.Adam(model.parameters())|}", string.Empty),
            [Expect.Info("GL3004", 0, "Nothing changes the learning rate of 'Adam' over the training; let a schedule lower it")],
            editorConfig: Enabled);

    [Theory]
    [InlineData("torch.optim.lr_scheduler.StepLR(optimizer, 10).step();")]
    [InlineData("torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps: 100).step();")]
    [InlineData("foreach (var g in optimizer.ParamGroups) g.LearningRate *= 0.99;")]
    [InlineData("optimizer.ParamGroups.First().LearningRate = 0.001;")]
    public Task A_schedule_or_an_assigned_rate_is_silent(string schedule) =>
        Verify.Reports(Training("torch.optim.Adam(model.parameters())", schedule), editorConfig: Enabled);

    [Fact]
    public Task Optimizers_that_tune_themselves_are_silent() =>
        Verify.Reports(Training("torch.optim.Rprop(model.parameters())", string.Empty), editorConfig: Enabled);

    [Fact]
    public Task Without_a_step_in_sight_it_is_silent() =>
        Verify.Reports(InClass("static object Make(SmallNet model) => torch.optim.Adam(model.parameters());"), editorConfig: Enabled);

    [Fact]
    public void It_is_off_unless_it_is_turned_on() => Assert.False(new GL3004ConstantLearningRateAnalyzer().SupportedDiagnostics.Single().IsEnabledByDefault);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Reports(
            Usings + "var optimizer = {|#0:torch.optim.Adam(Linear(1, 1).parameters())|};\nwhile (true) { optimizer.step(); }",
            [Expect.Info("GL3004", 0)],
            Setup.TopLevelStatements,
            Enabled);

    [Fact]
    public Task A_users_own_optimizer_is_not_meant() =>
        Verify.Reports("class Adam { void step() { } static void Train() { var optimizer = new Adam(); while (true) optimizer.step(); } }", editorConfig: Enabled);

    [Fact]
    public Task Half_typed_code_is_silent() => Verify.Reports(Training("torch.optim.Adam(", "optimizer."), setup: Setup.HalfTyped, editorConfig: Enabled);

    private static string Training(string optimizer, string schedule) => InMethod($$"""
        var model = new SmallNet();
        var optimizer = {{optimizer}};
        foreach (var (x, y) in batches)
        {
            optimizer.zero_grad();
            model.forward(x).sum().backward();
            optimizer.step();
            {{schedule}}
        }
        """);
}
