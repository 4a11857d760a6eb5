using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5004RAdamSquaresLearningRateAnalyzer, GradLint.CodeFixes.Rules.GL5004RAdamSquaresLearningRateCodeFix>;

namespace GradLint.Rules;

public sealed class GL5004RAdamSquaresLearningRateTests
{
    private const string Id = "GL5004";

    [Fact]
    public Task RAdam_becomes_Adam() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var one = {|#0:torch.optim.RAdam(model.parameters())|};
                torch.optim.Optimizer two = {|#1:new RAdam(model.parameters(), 0.01)|};
                """),
            InMethod("""
                var model = new SmallNet();
                var one = torch.optim.Adam(model.parameters());
                torch.optim.Optimizer two = new Adam(model.parameters(), 0.01);
                """),
            [
                Expect.Warning(Id, 0, "RAdam multiplies its learning rate in twice in TorchSharp 0.107.0: from the sixth step on 0.002 acts as 4E-06; use Adam"),
                Expect.Warning(Id, 1, "RAdam multiplies its learning rate in twice in TorchSharp 0.107.0: from the sixth step on 0.01 acts as 0.0001; use Adam"),
            ]);

    [Fact]
    public Task A_rate_that_is_not_known_is_reported_all_the_same() =>
        Verify.Reports(
            InClass("static object Make(SmallNet model, double rate) => {|#0:torch.optim.RAdam(model.parameters(), rate)|};"),
            [Expect.Warning(Id, 0, "RAdam multiplies its learning rate in twice in TorchSharp 0.107.0: from the sixth step on its square acts; use Adam")]);

    [Fact]
    public Task Where_the_type_is_named_no_fix_can_change_it() =>
        Verify.Fixes(
            InClass("static void Make(SmallNet model) { RAdam optimizer = {|GL5004:torch.optim.RAdam(model.parameters())|}; }"),
            InClass("static void Make(SmallNet model) { RAdam optimizer = {|GL5004:torch.optim.RAdam(model.parameters())|}; }"));

    [Theory]
    [InlineData("torch.optim.RAdam(model.parameters(), 1.0)")]
    [InlineData("torch.optim.NAdam(model.parameters())")]
    public Task A_rate_of_one_and_other_optimizers_are_silent(string creation) =>
        Verify.Reports(InClass($"static object Make(SmallNet model) => {creation};"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "var optimizer = {|GL5004:torch.optim.RAdam(Linear(1, 1).parameters())|};",
            Usings + "var optimizer = torch.optim.Adam(Linear(1, 1).parameters());",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_RAdam_is_not_meant() => Verify.Reports("class RAdam { static RAdam Make() => new RAdam(); }");

    [Theory]
    [InlineData("torch.optim.RAdam(")]
    [InlineData("var o = torch.optim.RAdam(undeclared, );")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InMethod(statement), setup: Setup.HalfTyped);
}
