using System.Collections.Immutable;
using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint.Rules;

/// <summary>All rules about gradient flow together: which of them speaks where several could.</summary>
public sealed class FlowDiagnosisTests
{
    [Fact]
    public Task Rectifiers_at_default_weights_get_the_stack_and_the_cure_on_lines_of_their_own() =>
        Speak("GL1002 at Net, GL1001 at Linear(64, 64)", Stack("", "ReLU()"));

    [Fact]
    public Task On_one_line_one_of_them_stays() =>
        Speak("GL1002 at Sequential", $"class C {{ Sequential s = Sequential({string.Join(", ", Enumerable.Repeat("Linear(64, 64), ReLU()", 12))}); }}");

    [Fact]
    public Task Where_both_only_advise_the_cure_stays() =>
        Speak("GL1002 at Sequential", $"class C {{ Sequential s = Sequential({string.Join(", ", Enumerable.Repeat("Linear(64, 64), ReLU()", 8))}); }}");

    [Theory]
    [InlineData("init.normal_(layer.weight);")]
    [InlineData("init.uniform_(layer.weight);")]
    public Task An_oversized_initializer_speaks_alone(string call) => Speak("GL1003 at " + call.TrimEnd(';'), Stack(call, "ReLU()"));

    [Fact]
    public Task So_does_one_for_another_activation() => Speak("GL1004 at init.xavier_uniform_(layer.weight)", Stack("init.xavier_uniform_(layer.weight);", "ReLU()", 18));

    [Fact]
    public Task Weights_that_are_too_small_are_a_deep_stack() => Speak("GL1001 at Linear(64, 64)", Stack("init.normal_(layer.weight, 0, 0.05);", "ReLU()"));

    [Fact]
    public Task A_slope_above_one_is_the_cause_of_what_it_makes_explode() =>
        Speak("GL1005 at 5", Stack("init.kaiming_normal_(layer.weight);", "LeakyReLU(5)"));

    [Fact]
    public Task Saturating_activations_are_not_also_a_deep_stack() => Speak("GL1009 at Net", Stack("", "Sigmoid()"));

    [Fact]
    public Task Below_what_they_advise_for_the_stack_does() => Speak("GL1001 at Linear(64, 64)", Stack("", "Tanh()", 8));

    [Fact]
    public Task Norms_in_a_deep_plain_network_are_their_own_cause() => Speak("GL1007 at Net", Stack("", "BatchNorm1d(64)); layers.append(ReLU()", 40));

    [Fact]
    public Task He_weights_in_residual_branches_are_those_of_the_branches() =>
        Speak("GL1006 at Net", Residual("init.kaiming_normal_(layer.weight);"));

    [Fact]
    public Task Oversized_weights_in_branches_that_would_explode_with_fitting_ones_are_two_causes() =>
        Speak("GL1006 at Net, GL1003 at init.normal_(layer.weight)", Residual("init.normal_(layer.weight);"));

    [Fact]
    public Task Where_no_number_is_bad_only_structure_is_left() => Speak("GL1008 at Net", Stack("", "LayerNorm(64)); layers.append(ReLU()", 24));

    private static string Stack(string initialization, string activation, int depth = 12) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly Sequential layers = Sequential();
            public Net() : base("net")
            {
                for (int i = 0; i < {{depth}}; i++)
                {
                    var layer = Linear(64, 64);
                    {{initialization}}
                    layers.append(layer);
                    layers.append({{activation}});
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) => layers.forward(x);
        }
        """;

    private static string Residual(string initialization) => $$"""
        class Net : Module<Tensor, Tensor>
        {
            private readonly ModuleList<Linear> layers = new();
            public Net() : base("net")
            {
                for (int i = 0; i < 20; i++)
                {
                    var layer = Linear(64, 64);
                    {{initialization}}
                    layers.Add(layer);
                }
                RegisterComponents();
            }
            public override Tensor forward(Tensor x) { foreach (var layer in layers) x = x + layer.forward(x).relu(); return x; }
        }
        """;

    private static async Task Speak(string expected, string code)
    {
        ImmutableArray<MetadataReference> net8 = await References.Net8.ResolveAsync(LanguageNames.CSharp, TestContext.Current.CancellationToken);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "flow",
            [CSharpSyntaxTree.ParseText(Code.Usings + code, cancellationToken: TestContext.Current.CancellationToken)],
            [.. net8, References.TorchSharp],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, specificDiagnosticOptions: [KeyValuePair.Create("GL1008", ReportDiagnostic.Info)]));
        Assert.Empty(compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> diagnostics = await compilation
            .WithAnalyzers([.. RuleConventionTests.Analyzers.Where(analyzer => analyzer.SupportedDiagnostics[0].Id.StartsWith("GL1", StringComparison.Ordinal))])
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            expected,
            string.Join(", ", diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)
                .Select(diagnostic => $"{diagnostic.Id} at {diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan)}")));
    }
}
