using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL5001UninitializedGroupNormAnalyzer, GradLint.CodeFixes.Rules.GL5001UninitializedGroupNormCodeFix>;

namespace GradLint.Rules;

public sealed class GL5001UninitializedGroupNormTests
{
    private const string Id = "GL5001";

    [Fact]
    public Task A_norm_that_nothing_sets_is_set_behind_its_creation() =>
        Verify.Fixes(
            InMethod("""
                var one = {|#0:GroupNorm(2, 4)|};
                GroupNorm two;
                two = {|#1:GroupNorm(2, 4)|};
                """),
            InMethod("""
                var one = GroupNorm(2, 4);
                init.ones_(one.weight);
                init.zeros_(one.bias);
                GroupNorm two;
                two = GroupNorm(2, 4);
                init.ones_(two.weight);
                init.zeros_(two.bias);
                """),
            [
                Expect.Warning(Id, 0, "The weight and bias of this 'GroupNorm' are uninitialized memory in TorchSharp 0.107.0, and nothing sets them; set them to ones and zeros"),
                Expect.Warning(Id, 1),
            ]);

    [Fact]
    public Task Norms_in_fields_are_set_at_the_end_of_the_constructor() =>
        Verify.Fixes(
            Net("private readonly GroupNorm first = {|GL5001:GroupNorm(2, 4)|}, second = {|GL5001:GroupNorm(2, 4)|};", "RegisterComponents();"),
            Net("private readonly GroupNorm first = GroupNorm(2, 4), second = GroupNorm(2, 4);", """
                RegisterComponents();
                        init.ones_(first.weight);
                        init.zeros_(first.bias);
                        init.ones_(second.weight);
                        init.zeros_(second.bias);
                """));

    [Fact]
    public Task Norms_that_only_a_Sequential_holds_are_reported_too() =>
        Verify.Reports(InMethod("var layers = Sequential(Conv2d(3, 4, 3), {|GL5001:GroupNorm(2, 4)|}, ReLU());"));

    [Theory]
    [InlineData("init.ones_(first.weight);")]
    [InlineData("first.weight = Parameter(torch.ones(4));")]
    [InlineData("first.weight.fill_(1);")]
    [InlineData("foreach (var p in parameters()) init.normal_(p);")]
    [InlineData("foreach (var (name, p) in named_parameters()) { if (name.EndsWith(\"bias\")) init.zeros_(p); }")]
    [InlineData("foreach (var m in modules()) { if (m is GroupNorm g) init.ones_(g.weight); }")]
    [InlineData("apply(m => { if (m is GroupNorm g) { init.ones_(g.weight); init.zeros_(g.bias); } });")]
    public Task Norms_that_something_sets_are_silent(string setting) =>
        Verify.Reports(Net("private readonly GroupNorm first = GroupNorm(2, 4);", "RegisterComponents(); " + setting));

    [Fact]
    public Task Setting_one_norm_leaves_the_other() =>
        Verify.Reports(Net("private readonly GroupNorm first = GroupNorm(2, 4), second = {|GL5001:GroupNorm(2, 4)|};", "init.ones_(first.weight);"));

    [Fact]
    public Task A_local_that_becomes_a_field_may_be_set_by_that_name() =>
        Verify.Reports(Net("private readonly GroupNorm first;", "var norm = GroupNorm(2, 4); first = norm; init.ones_(first.weight);"));

    [Fact]
    public Task Norms_without_parameters_of_their_own_have_none_to_set() =>
        Verify.Reports(InMethod("var norm = GroupNorm(2, 4, affine: false);"));

    [Fact]
    public Task Where_weights_are_loaded_and_nothing_trains_they_are_set() =>
        Verify.Reports(InClass("""
            static Tensor Run(Tensor x)
            {
                var norm = GroupNorm(2, 4);
                norm.load("weights.dat");
                return norm.forward(x);
            }
            """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + "var norm = {|GL5001:GroupNorm(2, 4)|};\nnorm.eval();",
            Usings + "var norm = GroupNorm(2, 4);\ninit.ones_(norm.weight);\ninit.zeros_(norm.bias);\nnorm.eval();",
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_norm_is_not_meant() =>
        Verify.Reports("class C { static object GroupNorm(int groups, int channels, bool affine = true) => null; object norm = GroupNorm(2, 4); }");

    [Theory]
    [InlineData("var norm = GroupNorm(")]
    [InlineData("GroupNorm(2, ).weight.")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InMethod(statement), setup: Setup.HalfTyped);

    private static string Net(string fields, string constructor) => $$"""
        {{Usings}}
        class Net : Module<Tensor, Tensor>
        {
            {{fields}}
            public Net() : base("net")
            {
                {{constructor}}
            }
            public override Tensor forward(Tensor x) => x;
        }
        """;
}
