using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4004UnboundedExponentialAnalyzer, GradLint.CodeFixes.Rules.GL4004UnboundedExponentialCodeFix>;

namespace GradLint.Rules;

public sealed class GL4004UnboundedExponentialTests
{
    [Fact]
    public Task The_message_names_the_exponent() => Verify.Reports(
        Returning("h.{|#0:exp|}()"),
        [Expect.Info("GL4004", 0, "The exponential of 'h', the output of a layer without bounds, overflows from 89 on: the loss and the gradients then become infinite or NaN")]);

    [Theory]
    [InlineData("h.{|#0:exp|}()", "h.clamp_max(20).exp()")]
    [InlineData("torch.{|#0:exp|}(-h)", "torch.exp((-h).clamp_max(20))")]
    [InlineData("torch.matmul(h, h.t()).{|#0:exp|}()", "torch.matmul(h, h.t()).clamp_max(20).exp()")]
    [InlineData("h.chunk(2, 1)[1].{|#0:exp_|}()", "h.chunk(2, 1)[1].clamp_max_(20).exp_()")]
    public Task The_exponential_of_a_layers_output_is_clamped(string unsafeCode, string safeCode) =>
        Verify.Fixes(Returning(unsafeCode), Returning(safeCode), [Expect.Info("GL4004", 0)]);

    [Theory]
    [InlineData("(h - h.max()).exp()")]
    [InlineData("(h - h.max(1, true).values).exp()")]
    [InlineData("h.clamp(-5, 2).exp()")]
    [InlineData("h.clamp(max: 10).exp()")]
    [InlineData("h.tanh().exp()")]
    [InlineData("(-functional.softplus(h)).exp()")]
    [InlineData("x.exp()")]
    [InlineData("(functional.log_softmax(h, 1) - x).exp()")]
    [InlineData("(torch.arange(4) * (-Math.Log(10000.0) / 4)).exp()")]
    public Task Other_exponents_are_silent(string expression) => Verify.Reports(Returning(expression));

    [Fact]
    public Task A_variational_autoencoder_is_silent() => Verify.Reports(InForward(
        """
        var logvar = fc.forward(h);
        var std = torch.exp(0.5 * logvar);
        var divergence = -0.5 * torch.sum(1 + logvar - h.pow(2) - logvar.exp());
        return h + std * torch.randn_like(std) + divergence;
        """));

    [Fact]
    public Task The_ratio_of_two_policies_is_silent() => Verify.Reports(InLoss("""
        var logp = model.call(x).log_softmax(1);
        var old = logp.detach();
        var ratio = (logp - old).exp();
        var loss = -torch.min(ratio * y, ratio.clamp(0.8, 1.2) * y).mean();
        """));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InForward("""
            var a = h.{|#0:exp|}();
            var b = fc.forward(h).{|#1:exp|}();
            return a + b;
            """),
        InForward("""
            var a = h.clamp_max(20).exp();
            var b = fc.forward(h).clamp_max(20).exp();
            return a + b;
            """),
        [Expect.Info("GL4004", 0), Expect.Info("GL4004", 1)]);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Reports(
        Usings + "Linear(4, 1).call(torch.ones(1, 4)).{|#0:exp|}().sum().backward();", [Expect.Info("GL4004", 0)], Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_is_not_meant() => Verify.Reports("""
        class Tensor { public Tensor exp() => this; }
        class Net { public Tensor forward(Tensor x) => x.exp(); }
        """);

    [Theory]
    [InlineData("return x.exp(;")]
    [InlineData("return torch.exp(")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InForward(body), setup: Setup.HalfTyped);
}
