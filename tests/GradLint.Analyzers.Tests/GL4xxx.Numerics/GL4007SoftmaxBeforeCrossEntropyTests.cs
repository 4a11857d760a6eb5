using GradLint.Verification;
using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4007SoftmaxBeforeCrossEntropyAnalyzer, GradLint.CodeFixes.Rules.GL4007SoftmaxBeforeCrossEntropyCodeFix>;

namespace GradLint.Rules;

public sealed class GL4007SoftmaxBeforeCrossEntropyTests
{
    [Fact]
    public Task The_message_names_the_prediction() => Verify.Reports(
        InLoss("var loss = functional.{|#0:cross_entropy|}(model.call(x).softmax(1), y);"),
        [Expect.Warning("GL4007", 0, "'model.call(x).softmax(1)' has been through a softmax and cross-entropy takes a softmax of its own: the loss cannot get near 0 and its gradients are small")]);

    [Fact]
    public Task A_log_softmax_does_no_harm_and_is_advice() => Verify.Fixes(
        InLoss("var loss = functional.{|#0:cross_entropy|}(functional.log_softmax(model.call(x), 1), y);"),
        InLoss("var loss = functional.cross_entropy(model.call(x), y);"),
        [
            Expect.Info(
                "GL4007",
                0,
                "'functional.log_softmax(model.call(x), 1)' has been through a log_softmax and cross-entropy takes a softmax of its own, which leaves it as it is: one of the two is enough"),
        ]);

    [Theory]
    [InlineData("var loss = functional.{|GL4007:cross_entropy|}(functional.softmax(model.call(x), 1), y);", "var loss = functional.cross_entropy(model.call(x), y);")]
    [InlineData("var loss = CrossEntropyLoss().{|GL4007:forward|}(model.call(x).softmax(1), y);", "var loss = CrossEntropyLoss().forward(model.call(x), y);")]
    [InlineData(
        "var p = torch.softmax(model.call(x), 1); var loss = functional.{|GL4007:cross_entropy|}(p.view(-1, 3), y);",
        "var p = model.call(x); var loss = functional.cross_entropy(p.view(-1, 3), y);")]
    public Task The_softmax_is_dropped(string code, string fixedCode) => Verify.Fixes(InLoss(code), InLoss(fixedCode));

    [Theory]
    [InlineData("Sequential(Linear(4, 3), Softmax(1))", "Sequential(Linear(4, 3))")]
    [InlineData("Sequential((\"fc\", Linear(4, 3)), (\"out\", Softmax(1)))", "Sequential((\"fc\", Linear(4, 3)))")]
    public Task The_last_layer_is_dropped(string model, string fixedModel) => Verify.Fixes(
        InLoss("var loss = functional.{|GL4007:cross_entropy|}(model.call(x), y);", model),
        InLoss("var loss = functional.cross_entropy(model.call(x), y);", fixedModel));

    [Fact]
    public Task The_softmax_at_the_end_of_a_model_is_dropped_there() => Verify.Fixes(
        InLoss("var loss = criterion.{|GL4007:call|}(model.call(x), y);", "new Classifier()", Classifier("functional.softmax(x, 1)"), "var criterion = CrossEntropyLoss();"),
        InLoss("var loss = criterion.call(model.call(x), y);", "new Classifier()", Classifier("x"), "var criterion = CrossEntropyLoss();"));

    [Fact]
    public Task Models_and_losses_are_known_through_fields_and_parameters() => Verify.Reports(InClass($$"""
        {{Classifier("functional.softmax(x, 1)")}}
        class Trainer
        {
            private readonly Module<Tensor, Tensor> _model = new Classifier();
            private readonly Loss<Tensor, Tensor, Tensor> _loss;
            public Trainer() => _loss = CrossEntropyLoss();
            public void Step(Tensor x, Tensor y) => _loss.{|GL4007:call|}(_model.call(x), y).backward();
        }
        static void Main() => Fit(new Classifier(), CrossEntropyLoss());
        static void Fit(Module<Tensor, Tensor> model, Module<Tensor, Tensor, Tensor> loss) => loss.{|GL4007:call|}(model.call(torch.ones(4)), torch.ones(1)).backward();
        """));

    [Theory]
    [InlineData("var loss = functional.cross_entropy(model.call(x), y);")]
    [InlineData("var loss = functional.nll_loss(model.call(x).log_softmax(1), y);")]
    [InlineData("var loss = NLLLoss().call(model.call(x).log_softmax(1), y);")]
    [InlineData("var loss = functional.cross_entropy(model.call(x), y.softmax(1));")]
    [InlineData("var loss = functional.cross_entropy(model.call(x) * model.call(x).softmax(1), y);")]
    [InlineData("var loss = functional.cross_entropy(x.shape[0] > 1 ? model.call(x) : model.call(x).softmax(1), y);")]
    public Task Logits_and_other_losses_are_silent(string code) => Verify.Reports(InLoss(code));

    [Fact]
    public Task One_of_several_models_says_nothing() => Verify.Reports(InClass($$"""
        {{Classifier("functional.softmax(x, 1)")}}
        static void Main() { Fit(new Classifier()); Fit(new SmallNet()); }
        static void Fit(Module<Tensor, Tensor> model) => functional.cross_entropy(model.call(torch.ones(4)), torch.ones(1)).backward();
        """));

    [Fact]
    public Task Several_in_one_block_are_fixed_together() => Verify.Fixes(
        InLoss("""
            var one = functional.{|GL4007:cross_entropy|}(model.call(x).softmax(1), y);
            var two = functional.{|GL4007:cross_entropy|}(model.call(-x).softmax(1), y);
            var loss = one + two;
            """),
        InLoss("""
            var one = functional.cross_entropy(model.call(x), y);
            var two = functional.cross_entropy(model.call(-x), y);
            var loss = one + two;
            """));

    [Fact]
    public Task Two_losses_of_one_model_are_one_repair() => Verify.Fixes(
        InLoss(
            """
            var one = functional.{|GL4007:cross_entropy|}(model.call(x), y);
            var two = functional.{|GL4007:cross_entropy|}(model.call(-x), y);
            var loss = one + two;
            """,
            "Sequential(Linear(4, 3), Softmax(1))"),
        InLoss(
            """
            var one = functional.cross_entropy(model.call(x), y);
            var two = functional.cross_entropy(model.call(-x), y);
            var loss = one + two;
            """,
            "Sequential(Linear(4, 3))"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() => Verify.Fixes(
        Usings + """
        var model = Sequential(Linear(4, 3), Softmax(1));
        functional.{|GL4007:cross_entropy|}(model.call(torch.ones(1, 4)), torch.ones(1)).backward();
        """,
        Usings + """
        var model = Sequential(Linear(4, 3));
        functional.cross_entropy(model.call(torch.ones(1, 4)), torch.ones(1)).backward();
        """,
        setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_loss_is_not_meant() => Verify.Reports(InLoss(
        "var loss = Mine.cross_entropy(model.call(x).softmax(1), y);",
        members: "static class Mine { public static Tensor cross_entropy(Tensor p, Tensor y) => p; }"));

    [Theory]
    [InlineData("var loss = functional.cross_entropy(")]
    [InlineData("var loss = CrossEntropyLoss().call(x.softmax(;")]
    public Task Half_typed_code_is_silent(string body) => Verify.Reports(InLoss(body), setup: Setup.HalfTyped);

    private static string Classifier(string output) => $$"""
        class Classifier : Module<Tensor, Tensor>
        {
            private readonly Linear fc = Linear(4, 3);
            public Classifier() : base("classifier") { RegisterComponents(); }
            public override Tensor forward(Tensor x)
            {
                x = fc.forward(x);
                return {{output}};
            }
        }
        """;
}
