using GradLint.Verification;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL1005NegativeSlopeTooHighAnalyzer, GradLint.CodeFixes.Rules.GL1005NegativeSlopeTooHighCodeFix>;

namespace GradLint.Rules;

public sealed class GL1005NegativeSlopeTooHighTests
{
    [Fact]
    public Task Above_one_it_warns_and_FixAll_repairs_every_one() => Rule.Fixes(
        Code.InMethod("var m = Sequential(\n    LeakyReLU({|#0:2|} /* ? */),\n    PReLU(8, init: {|#1:1.5|}));"),
        Code.InMethod("var m = Sequential(\n    LeakyReLU(0.01 /* ? */),\n    PReLU(8, init: 0.01));"),
        [
            Expect.Warning("GL1005", 0, "A negative slope of 2 enlarges negative inputs, and the gradient with them, up to 2 times in every layer; 0.01 is the usual one"),
            Expect.Warning("GL1005", 1),
        ]);

    [Fact]
    public Task Above_a_half_it_advises() => Rule.Fixes(
        Code.InMethod("var y = functional.leaky_relu(ones(3), {|#0:0.9|});"),
        Code.InMethod("var y = functional.leaky_relu(ones(3), 0.01);"),
        [Expect.Info("GL1005", 0, "A negative slope of 0.9 leaves the activation nearly linear; 0.01 is the usual one")]);

    [Fact]
    public Task A_constant_is_followed_and_top_level_statements_are_read() => Rule.Fixes(
        Code.Usings + "const double slope = 5;\nvar m = LeakyReLU({|#0:slope|});",
        Code.Usings + "const double slope = 5;\nvar m = LeakyReLU(0.01);",
        [Expect.Warning("GL1005", 0)],
        Setup.TopLevelStatements);

    [Theory]
    [InlineData("LeakyReLU()")]
    [InlineData("LeakyReLU(0.5)")]
    [InlineData("LeakyReLU(0.2)")]
    [InlineData("PReLU(8)")]
    [InlineData("PReLU(800)")]
    [InlineData("LeakyReLU(Environment.TickCount)")]
    [InlineData("ELU(5)")]
    [InlineData("ones(3).leaky_relu(0.1)")]
    public Task Usual_and_unknown_slopes_are_silent(string code) => Rule.Reports(Code.InMethod($"var m = {code};"));

    [Fact]
    public Task Both_bounds_are_settings() => Rule.Reports(
        Code.InMethod("var m = LeakyReLU({|#0:0.3|});\nvar n = LeakyReLU({|#1:0.2|});"),
        [Expect.Warning("GL1005", 0), Expect.Info("GL1005", 1)],
        editorConfig: "gradlint.GL1005.slope = 0.25\ngradlint.GL1005.advice_slope = 0.15");

    [Fact]
    public Task Namesakes_of_another_library_are_none_of_its_business() => Rule.Reports("""
        class Tensor { }
        static class nn { public static Tensor LeakyReLU(double negative_slope) => null; }
        class C { Tensor t = nn.LeakyReLU(7); }
        """);

    [Fact]
    public Task Half_typed_code_is_left_alone() => Rule.Reports(Code.InMethod("var m = LeakyReLU(negative_slope: ;"), setup: Setup.HalfTyped);
}
