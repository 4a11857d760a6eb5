using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5006InPlaceActivationBreaksBackwardAnalyzer, GradLint.CodeFixes.Rules.GL5006InPlaceActivationBreaksBackwardCodeFix>;

namespace GradLint.Rules;

public sealed class GL5006InPlaceActivationBreaksBackwardTests
{
    private const string Id = "GL5006";

    [Fact]
    public Task Working_in_place_is_left_out() =>
        Verify.Fixes(
            InClass("""
                static Tensor Run(Tensor x)
                {
                    var layers = Sequential(Mish({|#0:true|}), Softsign({|#1:inplace: true|}));
                    return functional.mish(x, {|#2:inplace: true|}) + functional.softsign(x, {|#3:true|});
                }
                """),
            InClass("""
                static Tensor Run(Tensor x)
                {
                    var layers = Sequential(Mish(), Softsign());
                    return functional.mish(x) + functional.softsign(x);
                }
                """),
            [
                Expect.Warning(Id, 0, "'Mish' in place makes 'backward' throw in TorchSharp 0.107.0: it overwrites the input that the gradient is computed from; leave 'inplace' out"),
                Expect.Warning(Id, 1),
                Expect.Warning(Id, 2),
                Expect.Warning(Id, 3),
            ]);

    [Theory]
    [InlineData("Mish()")]
    [InlineData("Mish(false)")]
    [InlineData("Softsign(flag)")]
    [InlineData("ReLU(inplace: true)")]
    [InlineData("SiLU(true)")]
    public Task Activations_that_keep_their_input_or_can_work_in_place_are_silent(string activation) =>
        Verify.Reports(InClass($"static object Make(bool flag) => {activation};"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "var activation = Mish({|GL5006:true|});",
            Usings + "var activation = Mish();",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_activation_is_not_meant() =>
        Verify.Reports("class C { static object Mish(bool inplace) => null; object activation = Mish(inplace: true); }");

    [Theory]
    [InlineData("Mish(")]
    [InlineData("functional.mish(, true);")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InMethod(statement), setup: Setup.HalfTyped);
}
