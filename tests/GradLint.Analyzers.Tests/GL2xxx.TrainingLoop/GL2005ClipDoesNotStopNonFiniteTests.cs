using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2005ClipDoesNotStopNonFiniteAnalyzer, GradLint.CodeFixes.Rules.GL2005ClipDoesNotStopNonFiniteCodeFix>;

namespace GradLint.Rules;

public sealed class GL2005ClipDoesNotStopNonFiniteTests
{
    private const string Enabled = "dotnet_diagnostic.GL2005.severity = suggestion";

    [Fact]
    public Task A_norm_that_nobody_looks_at_is_reported_and_checked() =>
        Verify.Fixes(
            InTrainingLoop("""
                optimizer.zero_grad();
                criterion.forward(model.forward(x), y).backward();
                {|#0:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                optimizer.step();
                """),
            InTrainingLoop("""
                optimizer.zero_grad();
                criterion.forward(model.forward(x), y).backward();
                if (double.IsFinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
                {
                    optimizer.step();
                }
                """),
            [Expect.Info("GL2005", 0, "Nothing looks at the norm that 'clip_grad_norm_' returns: one gradient of NaN makes all of them NaN, and the step writes that into every weight")],
            editorConfig: Enabled);

    [Fact]
    public Task Two_in_one_block_are_fixed_together() =>
        Verify.Fixes(
            InTrainingLoop("""
                {|#0:torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)|};
                optimizer.step();
                {|#1:torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)|};
                optimizer.step();
                """),
            InTrainingLoop("""
                if (double.IsFinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)))
                {
                    optimizer.step();
                }
                if (double.IsFinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)))
                {
                    optimizer.step();
                }
                """),
            [Expect.Info("GL2005", 0), Expect.Info("GL2005", 1)],
            editorConfig: Enabled);

    [Theory]
    [InlineData("var norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);")]
    [InlineData("if (torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) < 10) optimizer.step();")]
    [InlineData("torch.nn.utils.clip_grad_value_(model.parameters(), 1.0);")]
    public Task A_norm_that_is_used_and_clipping_by_value_are_silent(string statement) =>
        Verify.Reports(InTrainingLoop(statement), editorConfig: Enabled);

    [Fact]
    public Task A_guard_looks_at_every_gradient() =>
        Verify.Reports(
            InTrainingLoop("""
                using var guard = GradLint.GradientGuard.For(model, optimizer);
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);
                guard.Inspect();
                optimizer.step();
                """),
            setup: Setup.WithGradLint,
            editorConfig: Enabled);

    [Fact]
    public void It_is_off_unless_it_is_turned_on() => Assert.False(new GL2005ClipDoesNotStopNonFiniteAnalyzer().SupportedDiagnostics.Single().IsEnabledByDefault);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Reports(
            Usings + "{|#0:torch.nn.utils.clip_grad_norm_(Linear(1, 1).parameters(), 1.0)|};",
            [Expect.Info("GL2005", 0)],
            Setup.TopLevelStatements,
            Enabled);

    [Fact]
    public Task A_users_own_clip_is_not_meant() =>
        Verify.Reports("class utils { static double clip_grad_norm_(object o, double m) { clip_grad_norm_(o, m); return 1; } }", editorConfig: Enabled);

    [Theory]
    [InlineData("torch.nn.utils.clip_grad_norm_(")]
    [InlineData("torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0) optimizer.")]
    public Task Half_typed_code_crashes_nothing(string statement) =>
        Verify.Reports(InTrainingLoop(statement.Contains("1.0") ? "{|#0:" + statement.Replace(" optimizer", "|} optimizer") : statement), statement.Contains("1.0") ? [Expect.Info("GL2005", 0)] : [], Setup.HalfTyped, Enabled);
}
