using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5002HardtanhDoesNothingAnalyzer, GradLint.CodeFixes.Rules.GL5002HardtanhDoesNothingCodeFix>;

namespace GradLint.Rules;

public sealed class GL5002HardtanhDoesNothingTests
{
    private const string Id = "GL5002";

    [Fact]
    public Task Functions_clamp_instead() =>
        Verify.Fixes(
            InClass("""
                static Tensor Run(Tensor x, Tensor y) =>
                    {|#0:x.hardtanh(0, 6)|}
                    + {|#1:functional.hardtanh(y)|}
                    + {|#2:functional.hardtanh(x + y, -2.0)|}
                    + {|#3:functional.hardtanh(y, max_val: 3, inplace: false)|};
                """),
            InClass("""
                static Tensor Run(Tensor x, Tensor y) =>
                    x.clamp(0, 6)
                    + y.clamp(-1.0, 1.0)
                    + (x + y).clamp(-2.0, 1.0)
                    + y.clamp(-1.0, 3);
                """),
            [
                Expect.Warning(Id, 0, "'hardtanh' hands out its input unclamped in TorchSharp 0.107.0, so the network has no activation here; use 'clamp'"),
                Expect.Warning(Id, 1),
                Expect.Warning(Id, 2),
                Expect.Warning(Id, 3),
            ]);

    [Fact]
    public Task Modules_work_in_place_instead() =>
        Verify.Fixes(
            InMethod("""
                var one = {|#0:Hardtanh()|};
                var two = Sequential(Linear(4, 4), {|#1:Hardtanh(-2, 2, inplace: false)|});
                """),
            InMethod("""
                var one = Hardtanh(inplace: true);
                var two = Sequential(Linear(4, 4), Hardtanh(-2, 2, inplace: true));
                """),
            [
                Expect.Warning(Id, 0, "'Hardtanh' hands out its input unclamped in TorchSharp 0.107.0, so the network has no activation here; pass 'inplace: true'"),
                Expect.Warning(Id, 1),
            ]);

    [Theory]
    [InlineData("functional.hardtanh(x, inplace: true)")]
    [InlineData("functional.hardtanh(x, inplace: flag)")]
    [InlineData("x.hardtanh_(-1, 1)")]
    [InlineData("Hardtanh(inplace: true).forward(x)")]
    [InlineData("functional.relu6(x)")]
    public Task What_works_in_place_or_is_not_known_is_silent(string expression) =>
        Verify.Reports(InClass($"static Tensor Run(Tensor x, bool flag) => {expression};"));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "Console.WriteLine({|GL5002:torch.ones(3).hardtanh(-1, 1)|});",
            Usings + "Console.WriteLine(torch.ones(3).clamp(-1, 1));",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_tensor_is_not_meant() =>
        Verify.Reports("class Tensor { public Tensor hardtanh(double low, double high) => this; static Tensor Run(Tensor x) => x.hardtanh(0, 6); }");

    [Theory]
    [InlineData("torch.ones(3).hardtanh(")]
    [InlineData("functional.hardtanh(, inplace: );")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InMethod(statement), setup: Setup.HalfTyped);
}
