using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4001UnsafeLogarithmAnalyzer, GradLint.CodeFixes.Rules.GL4001UnsafeLogarithmCodeFix>;

namespace GradLint.Rules;

public sealed class GL4001UnsafeLogarithmTests
{
    [Fact]
    public Task The_message_names_the_argument_and_what_makes_it_0() => Verify.Reports(
        Returning("functional.relu(h).{|#0:log|}()"),
        [Expect.Warning("GL4001", 0, "The logarithm of 'functional.relu(h)' is minus infinity and its gradient infinite or NaN where 'relu' makes that 0")]);

    [Theory]
    [InlineData("h.sigmoid().{|GL4001:log|}()", "(h.sigmoid() + 1e-8).log()")]
    [InlineData("torch.{|GL4001:log|}(1 - torch.sigmoid(h))", "torch.log(1 - torch.sigmoid(h) + 1e-8)")]
    [InlineData("(1 - h.tanh().square()).{|GL4001:log2|}()", "(1 - h.tanh().square() + 1e-8).log2()")]
    [InlineData("h.clamp(min: 0).{|GL4001:log10|}()", "(h.clamp(min: 0) + 1e-8).log10()")]
    [InlineData("h.tanh().{|GL4001:log|}()", "h.tanh().clamp_min(1e-8).log()")]
    [InlineData("(h - h.min()).{|GL4001:log|}()", "(h - h.min() + 1e-8).log()")]
    [InlineData("functional.relu6(h).view(-1)[0].{|GL4001:log_|}()", "functional.relu6(h).view(-1)[0].add_(1e-8).log_()")]
    public Task The_logarithm_of_what_can_be_0_gets_an_epsilon(string unsafeCode, string safeCode) => Verify.Fixes(Returning(unsafeCode), Returning(safeCode));

    [Theory]
    [InlineData("h.log()")]
    [InlineData("(h - x).log()")]
    [InlineData("functional.softplus(h).log()")]
    [InlineData("h.exp().log()")]
    [InlineData("h.square().log()")]
    [InlineData("(h.sigmoid() + 1e-6).log()")]
    [InlineData("h.sigmoid().clamp(1e-6, 1 - 1e-6).log()")]
    [InlineData("h.sigmoid().clamp(x, x).log()")]
    [InlineData("torch.maximum(functional.relu(h), torch.tensor(1e-6)).log()")]
    [InlineData("torch.where(h > 0, functional.relu(h), torch.ones_like(h)).log()")]
    [InlineData("torch.where(h > 0, functional.relu(h).log(), h)")]
    [InlineData("h.sigmoid().log().clamp(-100)")]
    [InlineData("torch.log1p(functional.relu(h))")]
    [InlineData("functional.dropout(h.sigmoid()).log()")]
    public Task What_cannot_be_0_or_is_not_known_is_silent(string expression) => Verify.Reports(Returning(expression));

    [Fact]
    public Task The_logarithm_of_1_plus_minus_1_is_that_of_0() => Verify.Reports(Returning("torch.{|GL4001:log1p|}(-h.sigmoid())"));

    [Fact]
    public Task The_cross_entropy_that_is_written_by_hand_is_one_fault_and_fixed_as_one() => Verify.Fixes(
        InLoss("""
            var p = model.call(x).sigmoid();
            var loss = -(y * p.{|GL4001:log|}() + (1 - y) * (1 - p).log()).mean();
            """),
        InLoss("""
            var p = model.call(x).sigmoid();
            var loss = -(y * (p + 1e-8).log() + (1 - y) * (1 - p + 1e-8).log()).mean();
            """));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InForward("""
            var a = h.sigmoid().{|GL4001:log|}();
            var b = functional.relu(h).{|GL4001:log|}();
            return a + b;
            """),
        InForward("""
            var a = (h.sigmoid() + 1e-8).log();
            var b = (functional.relu(h) + 1e-8).log();
            return a + b;
            """));

    [Fact]
    public Task An_argument_that_was_clamped_long_before_is_silent() => Verify.Reports(InForward($"""
        var p = h.sigmoid();
        p = p.clamp(1e-6, 1 - 1e-6);
        {string.Join('\n', Enumerable.Range(0, 20).Select(i => $"var unrelated{i} = h + {i};"))}
        return p.log() + (1 - p).log();
        """));

    [Fact]
    public Task Metrics_messages_data_and_evaluation_are_silent() => Verify.Reports(InLoss(
        """
        var p = model.call(x).sigmoid();
        var loss = (p - y).square().mean();
        var accuracy = p.log().mean().item<float>();
        Console.WriteLine($"{p.log().mean().item<float>()} {Entropy(p)} {Confidence(p).item<float>()}");
        using (torch.no_grad())
        {
            Console.WriteLine(Confidence(p));
        }
        """,
        members: """
        static float Entropy(Tensor p) => functional.relu(p).log().mean().item<float>();
        static Tensor Confidence(Tensor p) => functional.relu(p).log().mean();
        static Tensor Prepare(Tensor data) => functional.relu(data).log();
        static void Evaluate(Module<Tensor, Tensor> model, Tensor x)
        {
            using var _ = torch.no_grad();
            Console.WriteLine(Prepare(model.call(x).sigmoid().log()));
        }
        """));

    [Fact]
    public Task What_is_prepared_for_the_network_in_the_training_loop_is_data() => Verify.Reports(InLoss("""
        var loss = model.call(functional.relu(x).log()).mean();
        """));

    [Fact]
    public Task A_detached_copy_has_no_gradient() => Verify.Reports(InLoss("""
        var p = model.call(x).sigmoid();
        var weight = p.log().detach();
        var loss = (p * weight).mean();
        """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Fixes(
        Usings + """
        var model = Linear(4, 1);
        var p = model.call(torch.ones(1, 4)).sigmoid();
        var loss = -p.{|GL4001:log|}().mean();
        loss.backward();
        """,
        Usings + """
        var model = Linear(4, 1);
        var p = model.call(torch.ones(1, 4)).sigmoid();
        var loss = -(p + 1e-8).log().mean();
        loss.backward();
        """,
        setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_is_not_meant() => Verify.Reports("""
        class Tensor { public Tensor relu() => this; public Tensor log() => this; }
        class Net { public Tensor forward(Tensor x) => x.relu().log(); }
        """);

    [Theory]
    [InlineData("return functional.relu(h).lo(;")]
    [InlineData("return torch.log();")]
    [InlineData("h = h.relu().log( + ")]
    [InlineData("return h.sigmoid().")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InForward(body), setup: Setup.HalfTyped);
}
