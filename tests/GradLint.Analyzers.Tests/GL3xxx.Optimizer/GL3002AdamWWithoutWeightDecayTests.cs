using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL3002AdamWWithoutWeightDecayAnalyzer, GradLint.CodeFixes.Rules.GL3002AdamWWithoutWeightDecayCodeFix>;

namespace GradLint.Rules;

public sealed class GL3002AdamWWithoutWeightDecayTests
{
    private const string Id = "GL3002";

    [Fact]
    public Task AdamW_without_a_word_about_weight_decay_gets_the_usual_one() =>
        Verify.Fixes(
            InClass("""
                static void Make(SmallNet model)
                {
                    var one = {|#0:torch.optim.AdamW(model.parameters())|};
                    var two = {|#1:torch.optim.AdamW(model.parameters(), 1e-3, amsgrad: true)|};
                    var three = {|#2:new AdamW(model.parameters(), 1e-3)|};
                }
                """),
            InClass("""
                static void Make(SmallNet model)
                {
                    var one = torch.optim.AdamW(model.parameters(), weight_decay: 0.01);
                    var two = torch.optim.AdamW(model.parameters(), 1e-3, amsgrad: true, weight_decay: 0.01);
                    var three = new AdamW(model.parameters(), 1e-3, weight_decay: 0.01);
                }
                """),
            [
                Expect.Info(Id, 0, "'AdamW' is created without 'weight_decay', which is 0 in TorchSharp, so it is plain Adam; 0.01 is the usual value"),
                Expect.Info(Id, 1),
                Expect.Info(Id, 2),
            ]);

    [Fact]
    public Task Parameter_groups_that_leave_it_out_are_reported() =>
        Verify.Reports(
            InClass("static object Make(SmallNet model) => {|#0:torch.optim.AdamW(new AdamW.ParamGroup[] { new(model.parameters(), lr: 0.01) })|};"),
            [Expect.Info(Id, 0)]);

    [Theory]
    [InlineData("torch.optim.AdamW(model.parameters(), weight_decay: 0)")]
    [InlineData("torch.optim.AdamW(model.parameters(), 1e-3, 0.9, 0.999, 1e-8, 0.1)")]
    [InlineData("torch.optim.Adam(model.parameters())")]
    [InlineData("torch.optim.AdamW(new AdamW.ParamGroup[] { new(model.parameters(), weight_decay: 0.1) })")]
    [InlineData("torch.optim.AdamW(new[] { new AdamW.ParamGroup(model.parameters(), new AdamW.Options { weight_decay = 0.1 }) })")]
    [InlineData("torch.optim.AdamW(groups)")]
    public Task Decay_that_is_written_even_as_zero_is_silent(string creation) =>
        Verify.Reports(InClass($"static object Make(SmallNet model, AdamW.ParamGroup[] groups) => {creation};"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "{|#0:torch.optim.AdamW(Linear(1, 1).parameters())|};",
            Usings + "torch.optim.AdamW(Linear(1, 1).parameters(), weight_decay: 0.01);",
            [Expect.Info(Id, 0)],
            Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_AdamW_is_not_meant() =>
        Verify.Reports("class AdamW { AdamW(object parameters, double weight_decay = 0) { } static AdamW Make() => new AdamW(null); }");

    [Theory]
    [InlineData("torch.optim.AdamW(")]
    [InlineData("torch.optim.AdamW(undeclared, );")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);
}
