using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4003UnsafeDivisionAnalyzer, GradLint.CodeFixes.Rules.GL4003UnsafeDivisionCodeFix>;

namespace GradLint.Rules;

public sealed class GL4003UnsafeDivisionTests
{
    [Theory]
    [InlineData("h / {|#0:functional.relu(h).sum()|}", "h / (functional.relu(h).sum() + 1e-8)")]
    [InlineData("h / {|#0:h.norm()|}", "h / (h.norm() + 1e-8)")]
    [InlineData("(h - h.mean()) / {|#0:h.std()|}", "(h - h.mean()) / (h.std() + 1e-8)")]
    [InlineData("h / {|#0:(h > 0).sum()|}", "h / ((h > 0).sum() + 1e-8)")]
    [InlineData("(h - h.min()) / {|#0:(h.max() - h.min())|}", "(h - h.min()) / (h.max() - h.min() + 1e-8)")]
    [InlineData("h.{|#0:div|}(h.abs().max())", "h.div(h.abs().max() + 1e-8)")]
    [InlineData("functional.relu(h).{|#0:reciprocal|}()", "(functional.relu(h) + 1e-8).reciprocal()")]
    public Task A_divisor_that_can_be_0_gets_an_epsilon(string unsafeCode, string safeCode) =>
        Verify.Fixes(Returning(unsafeCode), Returning(safeCode), [Expect.Info("GL4003", 0)]);

    [Theory]
    [InlineData("h / x")]
    [InlineData("h / 3")]
    [InlineData("h / x.sum()")]
    [InlineData("h / (h.std() + 1e-8)")]
    [InlineData("h / h.norm().clamp_min(1e-6)")]
    [InlineData("h / h.shape[0]")]
    [InlineData("h.exp() / h.exp().sum()")]
    [InlineData("h / (1 + functional.relu(h))")]
    [InlineData("h / functional.softmax(h, 1).sum()")]
    [InlineData("torch.matmul(h, h.t()) / Math.Sqrt(h.shape[1])")]
    public Task Other_divisors_are_silent(string expression) => Verify.Reports(Returning(expression));

    [Fact]
    public Task The_message_names_the_divisor_and_what_makes_it_0() => Verify.Reports(
        Returning("h / {|#0:functional.relu(h).sum()|}"),
        [Expect.Info("GL4003", 0, "The division by 'functional.relu(h).sum()' gives infinity or NaN where 'relu' makes that 0")]);

    [Fact]
    public Task Dividing_by_a_root_is_for_the_rule_on_roots() => Verify.Reports(Returning("h / h.var(1).sqrt()"));

    [Fact]
    public Task Data_that_is_normalized_in_the_training_loop_is_silent() => Verify.Reports(InLoss("""
        var scaled = (x - x.mean()) / x.std();
        var loss = model.call(scaled).mean();
        """));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InForward("""
            h /= {|#0:h.norm()|};
            var b = x / {|#1:x.norm()|};
            return h + b;
            """),
        InForward("""
            h /= h.norm() + 1e-8;
            var b = x / (x.norm() + 1e-8);
            return h + b;
            """),
        [Expect.Info("GL4003", 0), Expect.Info("GL4003", 1)]);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Reports(
        Usings + """
        var h = Linear(4, 1).call(torch.ones(1, 4));
        (h / {|#0:h.norm()|}).sum().backward();
        """,
        [Expect.Info("GL4003", 0)],
        Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_is_not_meant() => Verify.Reports("""
        class Tensor { public Tensor norm() => this; public static Tensor operator /(Tensor a, Tensor b) => a; }
        class Net { public Tensor forward(Tensor x) => x / x.norm(); }
        """);

    [Theory]
    [InlineData("return h / ;")]
    [InlineData("return h / h.norm(")]
    [InlineData("return h.div();")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InForward(body), setup: Setup.HalfTyped);
}
