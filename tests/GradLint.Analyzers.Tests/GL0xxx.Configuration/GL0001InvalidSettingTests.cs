using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Testing;
using Rule = GradLint.Verification.RuleTest<GradLint.Rules.GL0001InvalidSettingAnalyzer, Microsoft.CodeAnalysis.Testing.EmptyCodeFixProvider>;

namespace GradLint.Rules;

public sealed class GL0001InvalidSettingTests
{
    [Theory]
    [InlineData("gradlint.GL1003.decades = two", "'gradlint.GL1003.decades' is 'two', but it takes a number above 0; the default 1 holds")]
    [InlineData("gradlint.GL1003.decades = 1,5", "'gradlint.GL1003.decades' is '1,5', but it takes a number above 0; the default 1 holds")]
    [InlineData("gradlint.GL1003.decades = -1", "'gradlint.GL1003.decades' is '-1', but it takes a number above 0; the default 1 holds")]
    [InlineData("gradlint.GL1003.decades = NaN", "'gradlint.GL1003.decades' is 'NaN', but it takes a number above 0; the default 1 holds")]
    [InlineData("gradlint.GL2001.layers = 2.5", "'gradlint.GL2001.layers' is '2.5', but it takes a whole number above 0; the default 20 holds")]
    [InlineData("gradlint.GL2001.always = yes", "'gradlint.GL2001.always' is 'yes', but it takes true or false; the default false holds")]
    [InlineData("build_property.GradLintPreset = nonsense", "'GradLintPreset' is 'nonsense', but it takes default or strict or none; 'default' holds")]
    public Task A_value_that_is_not_allowed_is_told_with_what_is(string line, string problem) => Rule.Reports("", [Setting(problem)], editorConfig: line);

    [Theory]
    [InlineData("gradlint.gl1003.decade = 2", "'gradlint.gl1003.decade' is not known; the rule has 'gradlint.GL1003.decades'")]
    [InlineData("gradlint.decades = 2", "'gradlint.decades' is not known")]
    [InlineData("gradlint.GL9999.decades = 2", "'gradlint.gl9999.decades' is not known")]
    public Task A_key_that_is_not_known_is_told(string line, string problem) => Rule.Reports("", [Setting(problem)], editorConfig: line);

    [Theory]
    [InlineData("gradlint.GL1003.decades = 0.5")]
    [InlineData("gradlint.gl1003.DECADES = 1e-3")]
    [InlineData("gradlint.GL2001.always = True")]
    [InlineData("build_property.GradLintPreset = strict")]
    [InlineData("build_property.GradLintPreset = ")]
    [InlineData("gradlinting.decades = two")]
    [InlineData("dotnet_diagnostic.GL1003.severity = error")]
    public Task Settings_in_order_and_those_of_others_are_silent(string line) => Rule.Reports("", editorConfig: line);

    [Fact]
    public Task Each_setting_is_told_once_however_many_files_it_holds_for() => Rule.Reports(
        "class A { }",
        [Setting("'gradlint.GL1003.decades' is 'two', but it takes a number above 0; the default 1 holds"), Setting("'gradlint.gl1003.decade' is not known; the rule has 'gradlint.GL1003.decades'")],
        editorConfig: "gradlint.GL1003.decades = two\ngradlint.GL1003.decade = 1",
        otherFiles: ["class B { }", "class C { }"]);

    [Fact]
    public Task A_project_without_TorchSharp_may_have_any_settings() =>
        Rule.Reports("", setup: Setup.WithoutTorchSharp, editorConfig: "gradlint.GL1003.decades = two");

    private static DiagnosticResult Setting(string problem) =>
        new DiagnosticResult("GL0001", DiagnosticSeverity.Warning).WithMessage("The setting " + problem);
}
