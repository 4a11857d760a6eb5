using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL3003NoWeightDecayAnalyzer, Microsoft.CodeAnalysis.Testing.EmptyCodeFixProvider>;

namespace GradLint.Rules;

public sealed class GL3003NoWeightDecayTests
{
    private const string Enabled = "dotnet_diagnostic.GL3003.severity = suggestion";

    [Theory]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01)", "SGD")]
    [InlineData("torch.optim.Adam(model.parameters())", "Adam")]
    [InlineData("new SGD(model.parameters(), 0.01)", "SGD")]
    public Task An_optimizer_without_a_word_about_weight_decay_is_reported(string creation, string name) =>
        Verify.Reports(
            InClass("static object Make(SmallNet model) => {|#0:" + creation + "|};"),
            [Expect.Info("GL3003", 0, $"'{name}' is created without 'weight_decay': nothing keeps the weights from growing")],
            editorConfig: Enabled);

    [Theory]
    [InlineData("torch.optim.SGD(model.parameters(), 0.01, weight_decay: 0)")]
    [InlineData("torch.optim.AdamW(model.parameters())")]
    [InlineData("torch.optim.Rprop(model.parameters())")]
    public Task Decay_that_is_written_and_optimizers_without_it_are_silent(string creation) =>
        Verify.Reports(InClass($"static object Make(SmallNet model) => {creation};"), editorConfig: Enabled);

    [Fact]
    public void It_is_off_unless_it_is_turned_on() => Assert.False(new GL3003NoWeightDecayAnalyzer().SupportedDiagnostics.Single().IsEnabledByDefault);

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Reports(Usings + "{|#0:torch.optim.Adam(Linear(1, 1).parameters())|};", [Expect.Info("GL3003", 0)], Setup.TopLevelStatements, Enabled);

    [Fact]
    public Task A_users_own_optimizer_is_not_meant() =>
        Verify.Reports("class SGD { SGD(object parameters, double weight_decay = 0) { } static SGD Make() => new SGD(null); }", editorConfig: Enabled);

    [Theory]
    [InlineData("torch.optim.SGD(")]
    [InlineData("torch.optim.SGD(undeclared, );")]
    public Task Half_typed_code_is_silent(string statement) =>
        Verify.Reports(InMethod(statement), setup: Setup.HalfTyped, editorConfig: Enabled);
}
