using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5005GaussianNllLossIgnoresVarianceAnalyzer, GradLint.CodeFixes.Rules.GL5005GaussianNllLossIgnoresVarianceCodeFix>;

namespace GradLint.Rules;

public sealed class GL5005GaussianNllLossIgnoresVarianceTests
{
    private const string Id = "GL5005";

    [Fact]
    public Task A_predicted_variance_needs_the_loss_written_out() =>
        Verify.Fixes(
            InClass("""
                static void Train(SmallNet net, Linear spread, Tensor x, Tensor y)
                {
                    var mean = net.forward(x);
                    var variance = functional.softplus(spread.forward(x));
                    var loss = {|#0:functional.gaussian_nll_loss(mean, y, variance)|};
                    var same = {|#1:functional.gaussian_nll_loss(mean, y, variance)|};
                }
                """),
            InClass("""
                static void Train(SmallNet net, Linear spread, Tensor x, Tensor y)
                {
                    var mean = net.forward(x);
                    var variance = functional.softplus(spread.forward(x));
                    var loss = (0.5 * (variance.clamp_min(1e-6).log() + (mean - y).square() / variance.clamp_min(1e-6))).mean();
                    var same = (0.5 * (variance.clamp_min(1e-6).log() + (mean - y).square() / variance.clamp_min(1e-6))).mean();
                }
                """),
            [
                Expect.Warning(Id, 0, "'gaussian_nll_loss' passes no gradient to the variance in TorchSharp 0.107.0, so what predicts it never learns; write the loss out"),
                Expect.Warning(Id, 1),
            ]);

    [Fact]
    public Task The_module_and_a_learned_parameter_are_understood() =>
        Verify.Reports(InClass("""
            static readonly Parameter s_logVariance = Parameter(torch.zeros(1));

            static Tensor One(Tensor x, Tensor y) => {|GL5005:functional.gaussian_nll_loss(x, y, s_logVariance.exp(), full: true)|};
            static Tensor Two(SmallNet net, Tensor x, Tensor y) => {|GL5005:new GaussianNLLLoss().forward(x, y, net.forward(x).exp())|};
            """));

    [Theory]
    [InlineData("torch.ones_like(y)")]
    [InlineData("given")]
    public Task A_given_variance_needs_no_gradient(string variance) =>
        Verify.Reports(InClass($"static Tensor Loss(SmallNet net, Tensor x, Tensor y, Tensor given) => functional.gaussian_nll_loss(net.forward(x), y, {variance});"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Reports(
            Usings + """
            var x = torch.ones(4, 4);
            Console.WriteLine({|GL5005:functional.gaussian_nll_loss(x, x, Linear(4, 4).forward(x).exp())|});
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_loss_is_not_meant() =>
        Verify.Reports("class functional { static object gaussian_nll_loss(object x, object y, object variance) => gaussian_nll_loss(x, y, variance); }");

    [Theory]
    [InlineData("functional.gaussian_nll_loss(")]
    [InlineData("functional.gaussian_nll_loss(x, y, Linear(4, 4).forward();")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);
}
