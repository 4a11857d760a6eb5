using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Formatting;

namespace Quickstart.Tests;

public sealed class TrainingSourceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RiskyNet_compiles_on_its_own()
    {
        TrainingLoop loop = await TrainingSource.RiskyNet.CompileAsync(Cancellation);

        Assert.NotEqual(typeof(RiskyNet), loop.Method.DeclaringType);
        Assert.Equal(typeof(RiskyNet).FullName, loop.Method.DeclaringType!.FullName);
    }

    [Fact]
    public async Task Source_that_does_not_compile_is_told_with_its_errors()
    {
        var broken = new TrainingSource("Broken.cs", "class Broken { int X => missing; }");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => broken.CompileAsync(Cancellation));

        Assert.Contains("Broken.cs(1,25): error CS0103", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diagnostics_come_by_line_and_read_like_a_compiler_s()
    {
        var source = new TrainingSource("Shout.cs", "class A\n{\n    int _x = 1;\n    int _y = 2;\n}\n");

        ImmutableArray<Diagnostic> diagnostics = await source.LintAsync(NumberRules, Cancellation);

        Assert.Equal(
            ["Shout.cs(3,14): warning TEST1: 1 is a number", "Shout.cs(4,14): warning TEST1: 2 is a number"],
            diagnostics.Select(diagnostic => diagnostic.ToString()));
    }

    [Fact]
    public async Task Every_diagnostic_is_fixed_at_once()
    {
        var source = new TrainingSource("Shout.cs", "class A\n{\n    int _x = 1;\n    int _y = 2;\n    string _s = \"\";\n}\n");

        TrainingSource repaired = await source.RepairAsync(await source.LintAsync(NumberRules, Cancellation), NumberRules, Cancellation);

        Assert.Equal("class A\n{\n    int _x = 0;\n    int _y = 0;\n    string _s = \"\";\n}\n", repaired.ToString());
        Assert.Empty(await repaired.LintAsync(NumberRules, Cancellation));
    }

    [Fact]
    public async Task GradLint_finds_the_three_mistakes_in_RiskyNet_and_none_after_its_fixes()
    {
        TrainingSource source = TrainingSource.RiskyNet;

        ImmutableArray<Diagnostic> diagnostics = await source.LintAsync(RuleSet.GradLint, Cancellation);
        TrainingSource repaired = await source.RepairAsync(diagnostics, RuleSet.GradLint, Cancellation);

        Assert.Equal(["GL1003", "GL3001", "GL2001"], diagnostics.Select(diagnostic => diagnostic.Id));
        Assert.Equal(
        [
            "init.kaiming_normal_(layer.weight, nonlinearity: init.NonlinearityType.ReLU);",
            "using var optimizer = optim.SGD(model.parameters(), 0.01, momentum: 0.9);",
            "torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0);",
        ],
        ChangedLines(source.ToString(), repaired.ToString()));
        Assert.Empty(await repaired.LintAsync(RuleSet.GradLint, Cancellation));

        static IEnumerable<string> ChangedLines(string before, string after) =>
            after.Split('\n').Except(before.Split('\n')).Select(line => line.Trim());
    }

    private static RuleSet NumberRules => new([new NumberAnalyzer()], [new NumberFix()]);

#pragma warning disable RS1001, RS1036, RS2008 // Not for export: the tests hand it over.
    private sealed class NumberAnalyzer : DiagnosticAnalyzer
    {
        private static readonly DiagnosticDescriptor s_rule = new("TEST1", "Number", "{0} is a number", "Test", DiagnosticSeverity.Warning, true);

        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [s_rule];

        public override void Initialize(AnalysisContext context)
        {
            context.EnableConcurrentExecution();
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.RegisterSyntaxNodeAction(
                node =>
                {
                    if (node.Node.ToString() != "0")
                    {
                        node.ReportDiagnostic(Diagnostic.Create(s_rule, node.Node.GetLocation(), node.Node));
                    }
                },
                SyntaxKind.NumericLiteralExpression);
        }
    }
#pragma warning restore RS1001, RS1036, RS2008

    private sealed class NumberFix : CodeFixProvider
    {
        public override ImmutableArray<string> FixableDiagnosticIds => ["TEST1"];

        public override FixAllProvider? GetFixAllProvider() => null;

        public override Task RegisterCodeFixesAsync(CodeFixContext context)
        {
            context.RegisterCodeFix(CodeAction.Create("Zero", cancellation => ZeroAsync(context, cancellation), "Zero"), context.Diagnostics);
            return Task.CompletedTask;
        }

        private static async Task<Document> ZeroAsync(CodeFixContext context, CancellationToken cancellation)
        {
            SyntaxNode root = (await context.Document.GetSyntaxRootAsync(cancellation))!;
            SyntaxNode zero = SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(0))
                .WithAdditionalAnnotations(Formatter.Annotation);
            SyntaxNode number = root.FindNode(context.Span).DescendantNodesAndSelf().OfType<LiteralExpressionSyntax>().Single();
            return context.Document.WithSyntaxRoot(root.ReplaceNode(number, zero));
        }
    }
}
