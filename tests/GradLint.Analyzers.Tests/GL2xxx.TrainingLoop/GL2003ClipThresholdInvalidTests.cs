using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2003ClipThresholdInvalidAnalyzer, GradLint.CodeFixes.Rules.GL2003ClipThresholdInvalidCodeFix>;

namespace GradLint.Rules;

public sealed class GL2003ClipThresholdInvalidTests
{
    private const string Id = "GL2003";

    [Theory]
    [InlineData("0", "0", "sets every gradient to zero, so nothing is learned")]
    [InlineData("0.0", "0", "sets every gradient to zero, so nothing is learned")]
    [InlineData("-1", "-1", "flips the sign of every gradient, so training climbs instead of descending")]
    [InlineData("2 - 3.5", "-1.5", "flips the sign of every gradient, so training climbs instead of descending")]
    [InlineData("double.NaN", "NaN", "turns every gradient into NaN")]
    [InlineData("double.NegativeInfinity", "minus infinity", "makes every gradient infinite")]
    [InlineData("1e6", "1000000", "lets gradients explode long before it applies")]
    [InlineData("Limit", "-2", "flips the sign of every gradient, so training climbs instead of descending")]
    [InlineData("ReadOnlyLimit", "5000", "lets gradients explode long before it applies")]
    [InlineData("local", "2000", "lets gradients explode long before it applies")]
    public Task A_norm_threshold_that_does_harm_is_reported_with_the_harm(string threshold, string written, string harm) =>
        Verify.Reports(
            Clipping("{|#0:" + threshold + "|}"),
            [Expect.Warning(Id, 0, $"A clipping threshold of {written} {harm}; 1.0 is the usual value")]);

    [Theory]
    [InlineData("-0.5", "sets every gradient to that same number")]
    [InlineData("0", "sets every gradient to zero, so nothing is learned")]
    public Task A_value_threshold_that_does_harm_is_reported(string threshold, string harm) =>
        Verify.Reports(
            InTrainingLoop("torch.nn.utils.clip_grad_value_(model.parameters(), {|#0:" + threshold + "|});"),
            [Expect.Warning(Id, 0, $"A clipping threshold of {threshold} {harm}; 1.0 is the usual value")]);

    [Theory]
    [InlineData("1.0")]
    [InlineData("0.5")]
    [InlineData("1000")]
    [InlineData("local / 2000")]
    [InlineData("changing")]
    [InlineData("Math.Sqrt(-1)")]
    public Task A_sound_or_unknown_threshold_is_silent(string threshold) => Verify.Reports(Clipping(threshold));

    [Fact]
    public Task Infinity_is_advice_where_the_norm_is_not_used() =>
        Verify.Reports(Clipping("{|#0:double.PositiveInfinity|}"), [Expect.Info(Id, 0)]);

    [Theory]
    [InlineData("var norm = torch.nn.utils.clip_grad_norm_(model.parameters(), double.PositiveInfinity);")]
    [InlineData("Console.WriteLine(torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm: double.PositiveInfinity));")]
    public Task Infinity_is_the_way_to_only_read_the_norm(string statement) => Verify.Reports(InTrainingLoop(statement));

    [Fact]
    public Task Named_arguments_in_any_order_are_understood() =>
        Verify.Reports(InTrainingLoop("torch.nn.utils.clip_grad_norm_(max_norm: {|GL2003:0|}, tensors: model.parameters());"));

    [Fact]
    public Task The_fix_clips_at_one_wherever_the_rule_speaks() =>
        Verify.Fixes(
            InTrainingLoop("""
                torch.nn.utils.clip_grad_norm_(model.parameters(), {|GL2003:0|});
                torch.nn.utils.clip_grad_value_(model.parameters(), /* all of them */ {|GL2003:-1.5|});
                """),
            InTrainingLoop("""
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                torch.nn.utils.clip_grad_value_(model.parameters(), /* all of them */ 1.0);
                """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "torch.nn.utils.clip_grad_norm_(Linear(1, 1).parameters(), {|GL2003:0|});",
            Usings + "torch.nn.utils.clip_grad_norm_(Linear(1, 1).parameters(), 1.0);",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_method_of_the_same_name_elsewhere_is_not_meant() =>
        Verify.Reports("class utils { static double clip_grad_norm_(object tensors, double max_norm) => clip_grad_norm_(tensors, 0); }");

    [Fact]
    public Task Without_TorchSharp_nothing_happens() =>
        Verify.Reports("class C { void M() => clip_grad_norm_(0); void clip_grad_norm_(double max_norm) { } }", setup: Setup.WithoutTorchSharp);

    [Theory]
    [InlineData("torch.nn.utils.clip_grad_norm_(")]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), );")]
    [InlineData("torch.nn.utils.clip_grad_norm_(, max_norm: unknown * 0);")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);

    private static string Clipping(string threshold) => InClass($$"""
        const double Limit = -2;
        static readonly double ReadOnlyLimit = 5 * 1000;

        static void Clip(Module<Tensor, Tensor> model, double changing)
        {
            var local = 2000.0;
            torch.nn.utils.clip_grad_norm_(model.parameters(), {{threshold}});
        }
        """);
}
