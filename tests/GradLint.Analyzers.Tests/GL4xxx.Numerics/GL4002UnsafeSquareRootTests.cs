using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4002UnsafeSquareRootAnalyzer, GradLint.CodeFixes.Rules.GL4002UnsafeSquareRootCodeFix>;

namespace GradLint.Rules;

public sealed class GL4002UnsafeSquareRootTests
{
    [Fact]
    public Task The_message_names_the_argument_and_what_makes_it_0() => Verify.Reports(
        Returning("functional.relu(h).{|#0:sqrt|}()"),
        [Expect.Warning("GL4002", 0, "The gradient of the square root of 'functional.relu(h)' is infinite or NaN where 'relu' makes that 0")]);

    [Theory]
    [InlineData("(h.unsqueeze(0) - h.unsqueeze(1)).square().sum(-1).{|GL4002:sqrt|}()", "((h.unsqueeze(0) - h.unsqueeze(1)).square().sum(-1) + 1e-8).sqrt()")]
    [InlineData("h.clamp_min(0).{|GL4002:sqrt|}()", "(h.clamp_min(0) + 1e-8).sqrt()")]
    [InlineData("functional.relu(h).{|GL4002:rsqrt|}()", "(functional.relu(h) + 1e-8).rsqrt()")]
    [InlineData("functional.relu(h).{|GL4002:pow|}(0.5)", "(functional.relu(h) + 1e-8).pow(0.5)")]
    [InlineData("h / torch.{|GL4002:sqrt|}(h.var(1))", "h / torch.sqrt(h.var(1) + 1e-8)")]
    [InlineData("h.div(h.square().mean().{|GL4002:sqrt|}())", "h.div((h.square().mean() + 1e-8).sqrt())")]
    public Task The_root_of_what_can_be_0_gets_an_epsilon(string unsafeCode, string safeCode) => Verify.Fixes(Returning(unsafeCode), Returning(safeCode));

    [Theory]
    [InlineData("h.square().sum(1).{|#0:sqrt|}()")]
    [InlineData("functional.mse_loss(h, x).{|#0:sqrt|}()")]
    [InlineData("(h - x).pow(2).mean().{|#0:sqrt|}()")]
    public Task What_is_0_in_degenerate_cases_only_is_advice(string expression) => Verify.Reports(Returning(expression), [Expect.Info("GL4002", 0)]);

    [Theory]
    [InlineData("h.sqrt()")]
    [InlineData("h.norm()")]
    [InlineData("h.std()")]
    [InlineData("h.pow(2)")]
    [InlineData("(h.var(1) + 1e-5).sqrt()")]
    [InlineData("torch.rsqrt(h.square().mean() + 1e-6)")]
    [InlineData("functional.softplus(h).sqrt()")]
    [InlineData("torch.matmul(h, h.t()) / Math.Sqrt(64)")]
    public Task What_is_safe_or_not_known_is_silent(string expression) => Verify.Reports(Returning(expression));

    [Fact]
    public Task An_epsilon_in_a_field_counts() => Verify.Reports(InForward(
        "return h / torch.sqrt(h.var(1) + eps);", members: "private readonly double eps = 1e-5;"));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InForward("""
            var a = functional.relu(h).{|GL4002:sqrt|}();
            var b = functional.relu(x).{|GL4002:sqrt|}();
            return a + b;
            """),
        InForward("""
            var a = (functional.relu(h) + 1e-8).sqrt();
            var b = (functional.relu(x) + 1e-8).sqrt();
            return a + b;
            """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Reports(
        Usings + """
        var distance = functional.relu(Linear(4, 1).call(torch.ones(1, 4))).{|GL4002:sqrt|}();
        distance.sum().backward();
        """,
        setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_is_not_meant() => Verify.Reports("""
        class Tensor { public Tensor relu() => this; public Tensor sqrt() => this; }
        class Net { public Tensor forward(Tensor x) => x.relu().sqrt(); }
        """);

    [Theory]
    [InlineData("return functional.relu(h).sqr(;")]
    [InlineData("return h.relu().pow();")]
    [InlineData("return torch.sqrt(")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InForward(body), setup: Setup.HalfTyped);
}
