using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4008EpsilonMistakenForMomentumAnalyzer, GradLint.CodeFixes.Rules.GL4008EpsilonMistakenForMomentumCodeFix>;

namespace GradLint.Rules;

public sealed class GL4008EpsilonMistakenForMomentumTests
{
    [Theory]
    [InlineData("BatchNorm1d(8, {|#0:0.8|})", "What looks like the momentum of 0.8 is used as the epsilon of BatchNorm1d, which has momentum as its third parameter")]
    [InlineData("LayerNorm(8, {|#0:0.1|})", "A value of 0.1 is used as the epsilon of LayerNorm, where 1e-5 is usual")]
    [InlineData("BatchNorm2d(8, {|#0:3|})", "A value of 3 is used as the epsilon of BatchNorm2d, where 1e-5 is usual")]
    public Task The_message_names_the_number(string norm, string message) => Verify.Reports(Making(norm), [Expect.Warning("GL4008", 0, message)]);

    [Theory]
    [InlineData("BatchNorm1d(8, {|GL4008:0.8|})", "BatchNorm1d(8, momentum: 0.8)")]
    [InlineData("nn.BatchNorm2d(8, {|GL4008:0.1|}, affine: false)", "nn.BatchNorm2d(8, momentum: 0.1, affine: false)")]
    [InlineData("BatchNorm3d(8, {|GL4008:0.9|}, 1e-5)", "BatchNorm3d(8, momentum: 0.9, eps: 1e-5)")]
    [InlineData("BatchNorm1d(8, {|GL4008:0.9|}, 1e-5, false)", "BatchNorm1d(8, momentum: 0.9, eps: 1e-5, affine: false)")]
    [InlineData("InstanceNorm2d(8, {|GL4008:0.5f|})", "InstanceNorm2d(8, momentum: 0.5f)")]
    [InlineData("BatchNorm2d(8, {|GL4008:0.5|}, momentum: 0.2)", "BatchNorm2d(8, 1e-5, momentum: 0.2)")]
    [InlineData("BatchNorm2d(8, {|GL4008:3|})", "BatchNorm2d(8, 1e-5)")]
    [InlineData("LayerNorm(8, {|GL4008:0.1|})", "LayerNorm(8, 1e-5)")]
    [InlineData("GroupNorm(2, 8, {|GL4008:0.1|})", "GroupNorm(2, 8, 1e-5)")]
    public Task The_number_gets_its_name(string norm, string fixedNorm) => Verify.Fixes(Making(norm), Making(fixedNorm));

    [Theory]
    [InlineData("BatchNorm1d(8)")]
    [InlineData("BatchNorm1d(8, 1e-3)")]
    [InlineData("BatchNorm1d(8, 0.01)")]
    [InlineData("BatchNorm1d(8, 1e-5, 0.8)")]
    [InlineData("BatchNorm1d(8, momentum: 0.8)")]
    [InlineData("BatchNorm1d(8, eps: 0.8)")]
    [InlineData("BatchNorm1d(8, Math.Sqrt(0.5))")]
    [InlineData("LayerNorm(8, 1e-12)")]
    public Task Epsilons_and_numbers_with_their_names_are_silent(string norm) => Verify.Reports(Making(norm));

    [Fact]
    public Task Constants_are_read() => Verify.Fixes(
        InClass("const double Momentum = 0.9; static object Make() => BatchNorm1d(8, {|GL4008:Momentum|});"),
        InClass("const double Momentum = 0.9; static object Make() => BatchNorm1d(8, momentum: Momentum);"));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InMethod("""
            var one = BatchNorm1d(8, {|GL4008:0.8|});
            var two = Sequential(Linear(8, 8), BatchNorm1d(8, {|GL4008:0.8|}));
            """),
        InMethod("""
            var one = BatchNorm1d(8, momentum: 0.8);
            var two = Sequential(Linear(8, 8), BatchNorm1d(8, momentum: 0.8));
            """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Fixes(
        Usings + "var norm = BatchNorm1d(8, {|GL4008:0.8|});", Usings + "var norm = BatchNorm1d(8, momentum: 0.8);", setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_norm_is_not_meant() => Verify.Reports("""
        class C { static object BatchNorm1d(int n, double eps) => null; static object M() => BatchNorm1d(8, 0.8); }
        """);

    [Fact]
    public Task Without_TorchSharp_nothing_happens() => Verify.Reports(
        "class C { static object BatchNorm1d(int n, double eps) => null; static object M() => BatchNorm1d(8, 0.8); }", setup: Setup.WithoutTorchSharp);

    [Theory]
    [InlineData("BatchNorm1d(8, )")]
    [InlineData("BatchNorm1d(, 0.8")]
    [InlineData("BatchNorm1d(0.8, eps: )")]
    public Task Half_typed_code_is_silent(string norm) => Verify.Reports(Making(norm), setup: Setup.HalfTyped);

    private static string Making(string norm) => InClass($"static object Make() => {norm};");
}
