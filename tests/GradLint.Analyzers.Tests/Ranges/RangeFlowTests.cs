using static GradLint.Rules.NumericsCode;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL4001UnsafeLogarithmAnalyzer, GradLint.CodeFixes.Rules.GL4001UnsafeLogarithmCodeFix>;

namespace GradLint.Ranges;

/// <summary>Which values reach a use, seen through the rule on logarithms: it speaks exactly where relu, and nothing else, reaches one.</summary>
public sealed class RangeFlowTests
{
    [Theory]
    [InlineData("var p = functional.relu(h); return p.{|GL4001:log|}();")]
    [InlineData("var p = h; p = functional.relu(p); return p.{|GL4001:log|}();")]
    [InlineData("h = functional.relu(h); h = h + 1e-6; return h.log();")]
    [InlineData("h = h + 1; h = functional.relu(h); return h.{|GL4001:log|}();")]
    [InlineData("h.relu_(); return h.{|GL4001:log|}();")]
    [InlineData("h.relu_(); h.add_(1e-6); return h.log();")]
    [InlineData("h.relu_().add_(1e-6); return h.log();")]
    [InlineData("var p = functional.relu(h); p += 1e-6; return p.log();")]
    [InlineData("var p = functional.relu(h); { p = p + 1; } return p.log();")]
    [InlineData("using (var scope = torch.NewDisposeScope()) { h = functional.relu(h); } return h.{|GL4001:log|}();")]
    public Task The_last_assignment_counts(string body) => Verify.Reports(InForward(body));

    [Theory]
    [InlineData("if (training) h = functional.relu(h); return h.log();")]
    [InlineData("if (training) h = functional.relu(h); else h = h.sigmoid(); return h.{|GL4001:log|}();")]
    [InlineData("if (training) return x; h = functional.relu(h); return h.{|GL4001:log|}();")]
    [InlineData("var p = functional.relu(h); if (training) p = p + 1; return p.log();")]
    [InlineData("var p = functional.relu(h); if (training) { p = p + 1; return p; } return p.{|GL4001:log|}();")]
    [InlineData("var p = training ? functional.relu(h) : h.sigmoid(); return p.{|GL4001:log|}();")]
    [InlineData("var p = training ? functional.relu(h) : h + 1; return p.log();")]
    [InlineData("var p = x.shape[0] switch { 1 => functional.relu(h), _ => h.sigmoid() }; return p.{|GL4001:log|}();")]
    [InlineData("var p = functional.relu(h); try { p = p + 1; } catch { } return p.log();")]
    public Task Every_way_must_lead_to_0(string body) => Verify.Reports(InForward(body));

    [Theory]
    [InlineData("var p = functional.relu(h); for (int i = 0; i < 3; i++) { p = p + 1; } return p.log();")]
    [InlineData("var p = functional.relu(h); while (training) { h = p.log(); p = p * 2 + 1; } return h;")]
    [InlineData("var p = functional.relu(h); foreach (var i in x.shape) { h = p.{|GL4001:log|}(); } return h;")]
    [InlineData("Tensor p = h; for (int i = 0; i < 3; i++) { p = functional.relu(p); h = h + p.{|GL4001:log|}(); } return h;")]
    public Task Loops_bring_values_back(string body) => Verify.Reports(InForward(body));

    [Theory]
    [InlineData("var p = functional.relu(h); Action f = () => p = p + 1; f(); return p.log();")]
    [InlineData("var p = functional.relu(h); Change(ref p); return p.log();")]
    [InlineData("var p = functional.relu(h); again: h = p.log(); p = p + 1; if (training) goto again; return h;")]
    public Task Where_the_way_is_unclear_nothing_is_said(string body) => Verify.Reports(InForward(body, "static void Change(ref Tensor p) => p = p + 1;"));

    [Theory]
    [InlineData("var (a, b) = (functional.relu(h), h); return a.{|GL4001:log|}() + b.log();")]
    [InlineData("var both = (h, functional.relu(h)); return both.Item1.log() + both.Item2.{|GL4001:log|}();")]
    [InlineData("var (a, b) = Both(h); return a.log() + b.{|GL4001:log|}();")]
    [InlineData("Tensor a, b; (a, b) = Both(h); return a.log() + b.{|GL4001:log|}();")]
    [InlineData("var best = functional.relu(h).max(1); return functional.relu(h).min(1).values.{|GL4001:log|}() + best.indexes.log();")]
    public Task Tuples_are_taken_apart(string body) => Verify.Reports(InForward(body, "static (Tensor, Tensor) Both(Tensor t) => (t, functional.relu(t));"));

    [Theory]
    [InlineData("return Rectified(h).{|GL4001:log|}();")]
    [InlineData("return Shifted(h).log();")]
    [InlineData("return Shifted(Rectified(h)).log();")]
    [InlineData("return Same(functional.relu(h)).{|GL4001:log|}() + Same(h).log();")]
    [InlineData("return h.Own().{|GL4001:log|}();")]
    [InlineData("Func<Tensor, Tensor> f = t => t.relu().{|GL4001:log|}(); return f(h);")]
    [InlineData("return Local(h); Tensor Local(Tensor t) => functional.relu(t).{|GL4001:log|}();")]
    [InlineData("return Endless(h).log();")]
    public Task Helpers_are_read(string body) => Verify.Reports(InForward(
        body,
        """
        static Tensor Rectified(Tensor t) { if (t.shape[0] > 1) { return functional.relu(t); } return t.sigmoid(); }
        static Tensor Shifted(Tensor t) => functional.relu(t) + 1e-6;
        static Tensor Same(Tensor t) => t;
        static Tensor Endless(Tensor t) => Endless(functional.relu(t));
        """) + "static class Extensions { public static Tensor Own(this Tensor t) => functional.relu(t); }");

    [Fact]
    public Task A_helper_is_judged_by_all_who_call_it() => Verify.Reports(InForward(
        "return Log(functional.relu(h)) + Log(h.sigmoid()) + Mixed(functional.relu(h)) + Mixed(h + 1);",
        """
        private static Tensor Log(Tensor t) => t.{|GL4001:log|}();
        private static Tensor Mixed(Tensor t) => t.log();
        """));

    [Fact]
    public Task A_public_helper_of_a_library_may_be_called_by_others() => Verify.Reports(
        Usings + """
        public static class Losses
        {
            public static Tensor Log(Tensor t) => t.log();
            public static void Train() => Log(functional.relu(Linear(4, 3).call(torch.ones(4)))).sum().backward();
        }
        """);

    [Theory]
    [InlineData("private readonly Tensor floor = torch.tensor(1e-6); private readonly Module<Tensor, Tensor> act = ReLU();", "return act.call(h).{|GL4001:log|}() + (act.call(h) + floor).log();")]
    [InlineData("private Module<Tensor, Tensor> act = ReLU(); public void Use(Module<Tensor, Tensor> other) => act = other;", "return act.call(h).log();")]
    [InlineData("private Sequential act = Sequential(Linear(3, 3), ReLU(), Flatten());", "return act.call(h).{|GL4001:log|}();")]
    [InlineData("private static Module<Tensor, Tensor> Act() => ReLU(); private readonly Module<Tensor, Tensor> act = Act();", "return act.call(h).{|GL4001:log|}();")]
    [InlineData("private Tensor Positive => functional.relu(fc.forward(torch.ones(4)));", "return Positive.{|GL4001:log|}();")]
    [InlineData("private Tensor kept;", "kept = functional.relu(h); return kept.{|GL4001:log|}();")]
    [InlineData("public Tensor kept;", "kept = functional.relu(h); return kept.log();")]
    public Task Fields_properties_and_modules_are_read(string members, string body) => Verify.Reports(InForward(body, members));
}
