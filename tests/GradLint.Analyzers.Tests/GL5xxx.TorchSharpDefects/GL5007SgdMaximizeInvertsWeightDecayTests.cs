using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5007SgdMaximizeInvertsWeightDecayAnalyzer, GradLint.CodeFixes.Rules.GL5007SgdMaximizeInvertsWeightDecayCodeFix>;

namespace GradLint.Rules;

public sealed class GL5007SgdMaximizeInvertsWeightDecayTests
{
    private const string Id = "GL5007";

    [Fact]
    public Task The_weight_decay_is_left_out() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var one = torch.optim.SGD(model.parameters(), 0.01, {|#0:weight_decay: 0.1|}, maximize: true);
                var two = new SGD(model.parameters(), 0.01, maximize: true, {|#1:weight_decay: 5e-4|});
                """),
            InMethod("""
                var model = new SmallNet();
                var one = torch.optim.SGD(model.parameters(), 0.01, maximize: true);
                var two = new SGD(model.parameters(), 0.01, maximize: true);
                """),
            [
                Expect.Warning(Id, 0, "SGD with 'maximize' turns its weight decay of 0.1 into growth in TorchSharp 0.107.0: the weights explode; leave 'weight_decay' out"),
                Expect.Warning(Id, 1),
            ]);

    [Theory]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01, weight_decay: 0.1)")]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01, weight_decay: 0, maximize: true)")]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01, weight_decay: decay, maximize: true)")]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01, weight_decay: 0.1, maximize: flag)")]
    [InlineData("torch.optim.Adam(model.parameters(), weight_decay: 0.1, maximize: true)")]
    public Task One_of_the_two_alone_unknown_ones_and_Adam_are_silent(string creation) =>
        Verify.Reports(InClass($"static object Make(SmallNet model, double decay, bool flag) => {creation};"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "var optimizer = torch.optim.SGD(Linear(1, 1).parameters(), 0.01, {|GL5007:weight_decay: 0.1|}, maximize: true);",
            Usings + "var optimizer = torch.optim.SGD(Linear(1, 1).parameters(), 0.01, maximize: true);",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_optimizer_is_not_meant() =>
        Verify.Reports("class SGD { SGD(double weight_decay, bool maximize) { } static SGD Make() => new SGD(0.1, true); }");

    [Theory]
    [InlineData("torch.optim.SGD(maximize: true, ")]
    [InlineData("torch.optim.SGD(undeclared, 0.1, maximize: true, weight_decay: );")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InMethod(statement), setup: Setup.HalfTyped);
}
