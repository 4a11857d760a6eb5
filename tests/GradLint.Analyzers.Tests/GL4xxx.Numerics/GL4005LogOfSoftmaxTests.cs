using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4005LogOfSoftmaxAnalyzer, GradLint.CodeFixes.Rules.GL4005LogOfSoftmaxCodeFix>;

namespace GradLint.Rules;

public sealed class GL4005LogOfSoftmaxTests
{
    private const string Policy = """
        class Policy : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 3);
            public Policy() : base("policy") { RegisterComponents(); }
            public override Tensor forward(Tensor x) => functional.softmax(fc.forward(x), 1);
        }
        """;

    [Fact]
    public Task The_message_names_the_softmax() => Verify.Reports(
        Returning("torch.{|#0:log|}(functional.softmax(h, 1))"),
        [
            Expect.Warning(
                "GL4005",
                0,
                "'functional.softmax(h, 1)' is a softmax, whose small probabilities round to 0, where its logarithm is minus infinity or an epsilon stops the gradient: log_softmax is exact"),
        ]);

    [Theory]
    [InlineData("torch.{|GL4005:log|}(functional.softmax(h, 1))", "h.log_softmax(1)")]
    [InlineData("h.softmax(-1).{|GL4005:log|}()", "h.log_softmax(-1)")]
    [InlineData("(functional.softmax(h, dim: 1) + 1e-8).{|GL4005:log|}()", "h.log_softmax(1)")]
    [InlineData("-torch.softmax(h + x, 1).gather(1, x).{|GL4005:log|}().squeeze()", "-(h + x).log_softmax(1).gather(1, x).squeeze()")]
    public Task The_logarithm_of_a_softmax_becomes_log_softmax(string code, string fixedCode) => Verify.Fixes(Returning(code), Returning(fixedCode));

    [Theory]
    [InlineData("torch.special.softmax(h, 1)[0].{|GL4005:log2|}()")]
    [InlineData("Softmax(1).forward(h).{|GL4005:log|}()")]
    public Task Other_bases_and_layers_are_left_to_the_user(string code) => Verify.Fixes(Returning(code), Returning(code));

    [Theory]
    [InlineData("h.log_softmax(1)")]
    [InlineData("h.softmax(1).clamp(1e-8, 1).log()")]
    [InlineData("h.softmax(1).clamp_min(1e-8).gather(1, x).log()")]
    [InlineData("h.sigmoid().log()")]
    [InlineData("h.log()")]
    [InlineData("(h.softmax(1) * x).log()")]
    [InlineData("h.softmax(1).sum(1).log()")]
    public Task Other_logarithms_are_not_for_this_rule(string expression) => Verify.Reports(Returning(expression));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InForward("""
            var p = h.softmax(1);
            var entropy = -(p * (p + 1e-8).{|GL4005:log|}()).sum();
            var chosen = p.gather(1, x).{|GL4005:log|}();
            return entropy + chosen;
            """),
        InForward("""
            var p = h.softmax(1);
            var entropy = -(p * h.log_softmax(1)).sum();
            var chosen = h.log_softmax(1).gather(1, x);
            return entropy + chosen;
            """));

    [Fact]
    public Task Logits_that_changed_in_between_cannot_be_used_again() => Verify.Reports(InForward("""
        var p = h.softmax(1);
        h = h + x;
        return p.{|GL4005:log|}() + h;
        """));

    [Theory]
    [InlineData("new Policy()")]
    [InlineData("Sequential(Linear(4, 3), Softmax(1))")]
    [InlineData("Sequential((\"fc\", Linear(4, 3)), (\"out\", Sequential(Softmax(1), Flatten())))")]
    public Task A_model_that_ends_in_a_softmax_is_logged_by_its_caller(string model) => Verify.Reports(InLoss(
        """
        var p = model.forward(x).gather(1, y);
        var loss = -p.{|GL4005:log|}().mean();
        """,
        model,
        Policy));

    [Fact]
    public Task A_helper_logs_what_it_is_given() => Verify.Reports(InLoss(
        "var loss = Loss(model.call(x), y);",
        "new Policy()",
        Policy + "private static Tensor Loss(Tensor p, Tensor y) => -p.gather(1, y).{|GL4005:log|}().mean();"));

    [Fact]
    public Task Where_not_all_callers_pass_a_softmax_nothing_is_said() => Verify.Reports(InLoss(
        "var loss = Loss(model.call(x), y) + Loss(x.abs() + 1, y);",
        "new Policy()",
        Policy + "private static Tensor Loss(Tensor p, Tensor y) => -p.gather(1, y).log().mean();"));

    [Fact]
    public Task Of_two_outputs_the_right_one_is_followed() => Verify.Reports(InClass("""
        class ActorCritic : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly Module<Tensor, Tensor> actor, critic;
            public ActorCritic() : base("ac")
            {
                actor = Sequential(Linear(4, 2), Softmax(-1));
                critic = Linear(4, 1);
            }
            public override (Tensor, Tensor) forward(Tensor x) => (actor.call(x), critic.call(x));
            public void Update(Tensor x)
            {
                var (p, value) = forward(x);
                var loss = -p.{|GL4005:log|}().mean() + value.log().mean();
                loss.backward();
            }
        }
        """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Fixes(
        Usings + """
        var logits = Linear(4, 3).call(torch.ones(1, 4));
        var loss = -torch.{|GL4005:log|}(torch.softmax(logits, 1)).mean();
        loss.backward();
        """,
        Usings + """
        var logits = Linear(4, 3).call(torch.ones(1, 4));
        var loss = -logits.log_softmax(1).mean();
        loss.backward();
        """,
        setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_is_not_meant() => Verify.Reports("""
        class Tensor { public Tensor softmax(int dim) => this; public Tensor log() => this; }
        class Net { public Tensor forward(Tensor x) => x.softmax(1).log(); }
        """);

    [Theory]
    [InlineData("return h.softmax(1).lo(")]
    [InlineData("return torch.log(torch.softmax(h, ));")]
    [InlineData("var p = h.softmax(; return (p + ).log();")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InForward(body), setup: Setup.HalfTyped);
}
