using System.Collections.Immutable;
using GradLint.Verification;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace GradLint;

/// <summary>All rules together, on code of every shape: none crashes, and no line gets two diagnostics.</summary>
public sealed class AllRulesTests
{
    private const string Everything = """
        class Trainer
        {
            private const double Rate = 50;
            private readonly RecurrentNet _model = new();
            private readonly torch.optim.Optimizer _optimizer;
            public Trainer() => _optimizer = torch.optim.SGD(_model.parameters(), Rate);

            public void Fit(IEnumerable<Tensor> batches)
            {
                foreach (var x in batches)
                {
                    var loss = _model.forward(x).sum();
                    loss.backward();
                    _optimizer.step();
                }
            }

            public void FitClipped(IEnumerable<Tensor> batches)
            {
                var model = new AttentionNet();
                using var optimizer = torch.optim.Adam(new Adam.ParamGroup[] { new(model.parameters(), lr: 1) });
                foreach (var x in batches)
                {
                    model.forward(x).sum().backward();
                    torch.nn.utils.clip_grad_norm_(model.parameters(), -1);
                    optimizer.step();
                }
            }
        }
        """;

    public static TheoryData<string> BadPrograms => new(Directory.GetFiles(Repository.PathTo("samples/bad"), "*.cs").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));

    public static TheoryData<string> OddCode =>
    [
        "",
        "class",
        "using TorchSharp; torch.optim.SGD(",
        "class C { torch.optim.Optimizer o; void M() { o.step(); o?.step(); this.o.step(o.step); M(); } }",
        "class C { void A(torch.optim.Optimizer o) { B(o); } void B(torch.optim.Optimizer o) { A(o); o.step(); } }",
        "class C { C child; torch.optim.Optimizer o; void V() { while (true) { child.V(); o.zero_grad(); o.step(); } } }",
        "class C { object P => P; torch.optim.Optimizer O => O; void M() { while (true) { O.step(); } } }",
        "class C { void M() { var a = b; var b = a; a.step(); torch.optim.SGD(null, a); } }",
        "class C { void M(torch.optim.Optimizer o) { Action f = () => { f(); o.step(); }; while (true) f(); } }",
        "class C { void M(dynamic o, dynamic loss) { while (true) { loss.backward(); o.step(); } } }",
        "partial class C { partial void P(torch.optim.Optimizer o); void M(torch.optim.Optimizer o) { while (true) { P(o); o.step(); } } }",
        "interface I { void Do(torch.optim.Optimizer o) { while (true) o.step(); } } class C : I { }",
        "record R(torch.optim.Optimizer O) { void M() { while (true) { O.step(); } } static readonly double X = X + 1; }",
        "class C { static double a = b * 2, b = a * 2; object o = torch.optim.SGD(new[] { Linear(1, 1).weight }, learningRate: a); }",
        "class C<T> where T : torch.optim.Optimizer { T o; void M<U>(U u) where U : T { while (true) { u.step(); o.step(); } } }",
        "class C { void M<T, U>(T t, List<U> u, torch.optim.Optimizer o) where T : IComparable<T> where U : IEnumerable<List<U>> { while (true) { N(t, u, o); o.step(); } } void N(object a, object b, object c) { } }",
        "class N : Module<Tensor, Tensor> { N n = new N(); N() : base(null) { n.n.n = this; } public override Tensor forward(Tensor x) => n.forward(x); }",
        "class N : Module<Tensor, Tensor> { static readonly Sequential s = Sequential(s, s); Linear l => l; N(N n = null) : this() { } N() : this(null) { } public override Tensor forward(Tensor x) { Func<Tensor, Tensor> f = null; f = y => f(y); return f(s.forward(l.forward(x))); } }",
        "class N : Module<Tensor, Tensor> { Linear l = Linear(-1, 0), m = Linear(int.MaxValue, 1 << 40); N() : base(null) { for (int i = 0; ; i++) l = Linear(i, i / 0); } public override Tensor forward(Tensor x) => m.forward(l.forward(x)) / 0; }",
        "class N : Module<Tensor, Tensor> { Sequential s = Sequential(); N() : base(null) { for (int i = 0; i < 1000000000; i++) s.append(Linear(8, 8)); } public override Tensor forward(Tensor x) => s.forward(x); }",
        "class N : Module<Tensor, Tensor> { Sequential s = Sequential(); N() : base(null) { s.append(s); Sequential(s, s); register_module(null, this); register_module(nameof(s), s); } public override Tensor forward(Tensor x) => s.forward(x); }",
        "class N : Module<Tensor, Tensor> { Conv2d c = Conv2d(3, 8, 0, 0, -1, groups: 7), d = Conv2d(3, 8, (1, -1)); Dropout p = Dropout(2); LayerNorm n = LayerNorm(new long[] { }); N() : base(null) { init.uniform_(c.weight, double.NaN, 1 / 0.0); init.normal_(d.weight, 0, -1); } public override Tensor forward(Tensor x) => torch.cat(new[] { p.forward(c.forward(x)), n.forward(d.forward(x)) }, 1); }",
        "class N : Module<Tensor, Tensor> { Linear l = Linear(8, 8); N() : base(null) { } public override Tensor forward(Tensor x) { return " + Repeat("l.forward(", 400) + "x" + Repeat(")", 400) + "; } }",
        "class N : Module<Tensor, Tensor> { Linear l = Linear(8, 8); N() : base(null) { } public override Tensor forward(Tensor x) { return x" + Repeat(" + l.forward(x)", 3000) + "; } }",
        "class N : Module<Tensor, Tensor> { Linear l = Linear(8, 8); N() : base(null) { } public override Tensor forward(Tensor x) { return x" + Repeat(".relu()", 2000) + "; } }",
        "class N : Module<Tensor, Tensor> { Sequential s = Sequential(Linear(8, 8)); N() : base(null) { for (int i = 0; i < 9; i++) s.append(s); } public override Tensor forward(Tensor x) => s.forward(x); }",
        "class N : Module<Tensor, Tensor> { N() : this() { } N(int i) : this(new N(i)) { } N(N n) : this(1) { } public override Tensor forward(Tensor x) => x; }",
        "class N : N { N() : base() { } } class A : B { A() : base() { } } class B : A { B() : base() { } void M() { new A(); new N(); } }",
        "class C { void M(torch.optim.Optimizer o, Tensor x) { for (;;) { var y = x" + Repeat(" + x.log()", 5000) + "; y.backward(); o.step(); } } }",
        "class C { void M(torch.optim.Optimizer o, Tensor x) { for (;;) { var y = x" + Repeat(".sqrt()", 2000) + "; y.backward(); o.step(); } } }",
        "class C { void M(torch.optim.Optimizer o, Tensor x) { " + Repeat("if (x is null) { } else ", 1000) + "o.step(); } }",
        "class C { void M(torch.optim.Optimizer o, Tensor x) { " + Repeat("while (true) { ", 200) + "x.backward(); o.step(); " + Repeat("} ", 200) + "} }",
        "class C { void M() { foreach (var (o, (l, _)) in new[] { (torch.optim.Adam(null), (torch.ones(1), 1)) }) { l.backward(); o.step(); } } }",
        "class C { void M(torch.optim.Optimizer[] os, Tensor l) { for (; ; ) { l.backward(); os[0].step(); goto x; x: ; } } ~C() { } }",
        "class C { torch.optim.Optimizer this[int i] { get { this[i].step(); return this[i]; } } void M() { while (true) this[0].step(); } }",
        "class C { void M(torch.optim.Optimizer o) { for (;;) { new { }.ToString(); o.step(default); o.step(() => throw null); o.step(closure: null); } } }",
        "class C { async System.Threading.Tasks.Task M(torch.optim.Optimizer o, Tensor l) { while (true) { await M(o, l); l.backward(); o.step(); } } }",
        "[Obsolete(nameof(torch.optim.SGD), 5 * 2)] class C { [System.ComponentModel.DefaultValue(torch.optim.SGD(null, 5))] int x; }",
        "class C { event Action E; void M(torch.optim.Optimizer o) { E += o.zero_grad; E += () => o.step(); E(); while (true) E?.Invoke(); } }",
        "class C { void M(Parameter p) { p.grad.mul_(2); p.grad = p.grad; p.grad *= 2; (p.grad, p.grad) = (null, null); p?.grad?.zero_(); } }",
        "class C { void M(Parameter p) { torch.nn.utils.clip_grad_norm_([p], 1 / 0); torch.nn.utils.clip_grad_norm_([p], 1.0 / 0 * 0); } }",
        "class C { void M(torch.optim.Optimizer o) { var p = new List<Parameter>(); " + Repeat("p = p.Concat(p).Concat(p).Concat(p).Concat(p).ToList(); ", 12)
            + "o = torch.optim.Adam(p); " + Repeat("o = o.step() == null ? o : o; ", 12) + "while (true) { o.step(); } } }",
        "class C { " + string.Concat(Enumerable.Range(0, 30).Select(i => $"void M{i}(Module<Tensor, Tensor> m, torch.optim.Optimizer o) {{ " + Repeat($"M{(i + 1) % 30}(m, o); M{(i + 7) % 30}(m, o); ", 3)
            + "while (true) { m.forward(null).backward(); o.step(); } } ")) + "}",
    ];

    [Fact]
    public async Task Each_cause_is_one_diagnostic_on_a_line_of_its_own()
    {
        ImmutableArray<Diagnostic> diagnostics = await Analyze(Code.InClass(Everything));
        Assert.Equal(
            ["GL3001", "GL2004", "GL2001", "GL3001", "GL2004", "GL2003"],
            diagnostics.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start).Select(diagnostic => diagnostic.Id));
        AssertOnePerLine(diagnostics);
    }

    [Theory]
    [MemberData(nameof(OddCode))]
    public async Task Odd_and_broken_code_crashes_no_rule(string source)
    {
        ImmutableArray<Diagnostic> diagnostics = await Analyze(Code.Usings + source.Replace("; ", ";\n").Replace("{ ", "{\n"));
        AssertOnePerLine(diagnostics);
    }

    [Fact]
    public async Task Code_that_breaks_off_anywhere_crashes_no_rule()
    {
        string source = Code.InClass(Everything);
        for (int length = 0; length < source.Length; length += 61)
        {
            await Analyze(source[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(BadPrograms))]
    public async Task A_line_of_a_bad_program_gets_one_diagnostic_also_where_the_program_is_broken(string file)
    {
        string source = await File.ReadAllTextAsync(Repository.PathTo($"samples/bad/{file}"), TestContext.Current.CancellationToken);
        AssertOnePerLine(await Analyze(source));
        SyntaxToken[] tokens = [.. CSharpSyntaxTree.ParseText(source, cancellationToken: TestContext.Current.CancellationToken).GetRoot(TestContext.Current.CancellationToken).DescendantTokens()];
        for (int i = 20; i < tokens.Length; i += 97)
        {
            AssertOnePerLine(await Analyze(source.Remove(tokens[i].SpanStart, tokens[i].Span.Length)));
        }
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static void AssertOnePerLine(IEnumerable<Diagnostic> diagnostics) =>
        Assert.All(diagnostics.GroupBy(diagnostic => diagnostic.Location.GetLineSpan().StartLinePosition.Line), line => Assert.Single(line));

    /// <summary>What the rules report; an exception in a rule is reported by the compiler and fails the test.</summary>
    private static async Task<ImmutableArray<Diagnostic>> Analyze(string source)
    {
        ImmutableArray<MetadataReference> net8 = await References.Net8.ResolveAsync(LanguageNames.CSharp, TestContext.Current.CancellationToken);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "odd",
            [CSharpSyntaxTree.ParseText(source, cancellationToken: TestContext.Current.CancellationToken)],
            [.. net8, References.TorchSharp],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        ImmutableArray<Diagnostic> diagnostics = await compilation
            .WithAnalyzers([.. RuleConventionTests.Analyzers])
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(diagnostics, diagnostic => diagnostic.Id.StartsWith("AD", StringComparison.Ordinal));
        return diagnostics;
    }
}
