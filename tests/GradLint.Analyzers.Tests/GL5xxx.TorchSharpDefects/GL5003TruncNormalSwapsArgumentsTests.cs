using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5003TruncNormalSwapsArgumentsAnalyzer, GradLint.CodeFixes.Rules.GL5003TruncNormalSwapsArgumentsCodeFix>;

namespace GradLint.Rules;

public sealed class GL5003TruncNormalSwapsArgumentsTests
{
    private const string Id = "GL5003";

    [Theory]
    [InlineData("init.trunc_normal_(w)", "every weight becomes 1, and all units stay the same")]
    [InlineData("init.trunc_normal_(w, std: 0.02)", "every weight becomes 0.02, and all units stay the same")]
    [InlineData("init.trunc_normal_(w, std: std)", "every weight becomes the standard deviation, and all units stay the same")]
    [InlineData("init.trunc_normal_(w, 0.5, 0.1)", "the weights get mean 0.1 and standard deviation 0.5")]
    [InlineData("init.trunc_normal_(w, std, 0.1)", "the weights get the one for the other")]
    public Task It_is_reported_with_what_it_does(string call, string consequence) =>
        Verify.Reports(
            InClass("static Tensor Fill(Tensor w, double std) => {|#0:" + call + "|};"),
            [Expect.Warning(Id, 0, $"'trunc_normal_' swaps mean and standard deviation in TorchSharp 0.107.0: {consequence}; use 'normal_' and 'clamp_'")]);

    [Theory]
    [InlineData("init.trunc_normal_(w, 0.5, 0.5)")]
    [InlineData("init.normal_(w, 0, 0.02)")]
    public Task Equal_numbers_and_other_initializers_are_silent(string call) =>
        Verify.Reports(InClass($"static Tensor Fill(Tensor w) => {call};"));

    [Fact]
    public Task Statements_draw_from_the_normal_distribution_and_clamp() =>
        Verify.Fixes(
            InClass("""
                static void Fill(Tensor w, double std)
                {
                    {|GL5003:init.trunc_normal_(w, 0, 0.02)|};
                    {|GL5003:torch.nn.init.trunc_normal_(w, std: std, a: -0.1, b: 0.1)|};
                }
                """),
            InClass("""
                static void Fill(Tensor w, double std)
                {
                    using (no_grad())
                    {
                        init.normal_(w, 0, 0.02).clamp_(-2.0, 2.0);
                    }
                    using (no_grad())
                    {
                        init.normal_(w, 0.0, std).clamp_(-0.1, 0.1);
                    }
                }
                """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "{|GL5003:init.trunc_normal_(Linear(1, 1).weight)|};",
            Usings + """
            using (no_grad())
            {
                init.normal_(Linear(1, 1).weight, 0.0, 1.0).clamp_(-2.0, 2.0);
            }
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_initializer_is_not_meant() =>
        Verify.Reports("class init { static void trunc_normal_(object w, double mean = 0, double std = 1) => trunc_normal_(w); }");

    [Theory]
    [InlineData("init.trunc_normal_(")]
    [InlineData("init.trunc_normal_(undeclared, , 0.02);")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InMethod(statement), setup: Setup.HalfTyped);
}
