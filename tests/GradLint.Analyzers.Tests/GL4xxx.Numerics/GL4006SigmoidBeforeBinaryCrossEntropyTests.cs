using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4006SigmoidBeforeBinaryCrossEntropyAnalyzer, GradLint.CodeFixes.Rules.GL4006SigmoidBeforeBinaryCrossEntropyCodeFix>;

namespace GradLint.Rules;

public sealed class GL4006SigmoidBeforeBinaryCrossEntropyTests
{
    [Fact]
    public Task The_message_names_the_prediction() => Verify.Reports(
        InLoss("var loss = functional.{|#0:binary_cross_entropy|}(model.call(x).sigmoid(), y);"),
        [Expect.Info("GL4006", 0, "'model.call(x).sigmoid()' comes from a sigmoid, whose gradient is 0 from 17 on, however wrong the answer: the loss with logits has both in one")]);

    [Theory]
    [InlineData("var loss = functional.{|#0:binary_cross_entropy|}(torch.sigmoid(model.call(x)), y);", "var loss = functional.binary_cross_entropy_with_logits(model.call(x), y);")]
    [InlineData("var loss = BCELoss().{|#0:forward|}(functional.sigmoid(model.call(x)), y);", "var loss = BCEWithLogitsLoss().forward(model.call(x), y);")]
    [InlineData(
        "var p = model.call(x).sigmoid(); var loss = functional.{|#0:binary_cross_entropy|}(p.squeeze(), y, reduction: Reduction.Sum);",
        "var p = model.call(x); var loss = functional.binary_cross_entropy_with_logits(p.squeeze(), y, reduction: Reduction.Sum);")]
    public Task The_sigmoid_goes_into_the_loss(string code, string fixedCode) => Verify.Fixes(InLoss(code), InLoss(fixedCode), [Expect.Info("GL4006", 0)]);

    [Theory]
    [InlineData("var", "var")]
    [InlineData("BCELoss", "BCEWithLogitsLoss")]
    public Task The_criterion_is_replaced_where_it_is_created(string type, string newType) => Verify.Fixes(
        InLoss("var loss = criterion.{|#0:call|}(model.call(x).sigmoid(), y);", setup: $"{type} criterion = BCELoss();"),
        InLoss("var loss = criterion.call(model.call(x), y);", setup: $"{newType} criterion = BCEWithLogitsLoss();"),
        [Expect.Info("GL4006", 0)]);

    [Theory]
    [InlineData("var loss = functional.binary_cross_entropy_with_logits(model.call(x), y);")]
    [InlineData("var loss = functional.binary_cross_entropy(model.call(x), y);")]
    [InlineData("var loss = functional.binary_cross_entropy(model.call(x).sigmoid().clamp(1e-6, 1 - 1e-6), y);")]
    [InlineData("var loss = functional.mse_loss(model.call(x).sigmoid(), y);")]
    [InlineData("var loss = BCEWithLogitsLoss().call(model.call(x), y);")]
    public Task Other_losses_and_predictions_are_silent(string code) => Verify.Reports(InLoss(code));

    [Fact]
    public Task Where_others_use_the_probability_too_it_is_left_to_the_user() => Verify.Fixes(
        InLoss(Shared), InLoss(Shared), [Expect.Info("GL4006", 0)]);

    [Fact]
    public Task A_model_that_ends_in_a_sigmoid_is_left_to_the_user() => Verify.Fixes(
        InLoss("var loss = functional.{|#0:binary_cross_entropy|}(model.call(x), y);", "Sequential(Linear(4, 1), Sigmoid())"),
        InLoss("var loss = functional.{|#0:binary_cross_entropy|}(model.call(x), y);", "Sequential(Linear(4, 1), Sigmoid())"),
        [Expect.Info("GL4006", 0)]);

    [Fact]
    public Task Evaluation_is_silent() => Verify.Reports(InClass("""
        static float Evaluate(Module<Tensor, Tensor> model, Tensor x, Tensor y)
        {
            using var _ = torch.no_grad();
            return functional.binary_cross_entropy(model.call(x).sigmoid(), y).item<float>();
        }
        """));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InLoss("""
            var real = functional.{|#0:binary_cross_entropy|}(model.call(x).sigmoid(), y);
            var fake = functional.{|#1:binary_cross_entropy|}(torch.sigmoid(model.call(-x)), 1 - y);
            var loss = real + fake;
            """),
        InLoss("""
            var real = functional.binary_cross_entropy_with_logits(model.call(x), y);
            var fake = functional.binary_cross_entropy_with_logits(model.call(-x), 1 - y);
            var loss = real + fake;
            """),
        [Expect.Info("GL4006", 0), Expect.Info("GL4006", 1)]);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Fixes(
        Usings + """
        var p = torch.sigmoid(Linear(4, 1).call(torch.ones(1, 4)));
        functional.{|#0:binary_cross_entropy|}(p, torch.ones(1, 1)).backward();
        """,
        Usings + """
        var p = Linear(4, 1).call(torch.ones(1, 4));
        functional.binary_cross_entropy_with_logits(p, torch.ones(1, 1)).backward();
        """,
        [Expect.Info("GL4006", 0)],
        Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_loss_is_not_meant() => Verify.Reports(InLoss(
        "var loss = new BCELoss2().call(model.call(x).sigmoid(), y) + Mine.binary_cross_entropy(model.call(x).sigmoid(), y);",
        members: """
        class BCELoss2 { public Tensor call(Tensor p, Tensor y) => p; }
        static class Mine { public static Tensor binary_cross_entropy(Tensor p, Tensor y) => p; }
        """));

    [Theory]
    [InlineData("var loss = functional.binary_cross_entropy(")]
    [InlineData("var loss = BCELoss().call(x.sigmoid(;")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InLoss(body), setup: Setup.HalfTyped);

    private const string Shared = """
        var p = model.call(x).sigmoid();
        var loss = functional.{|#0:binary_cross_entropy|}(p, y);
        Console.WriteLine(p.mean().item<float>());
        """;
}
