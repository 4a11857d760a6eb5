using GradLint.Verification;
using static GradLint.Verification.Code;
using Verify = GradLint.Verification.RuleTest<
    GradLint.Rules.GL2007GradientsClearedBeforeStepAnalyzer, GradLint.CodeFixes.Rules.GL2007GradientsClearedBeforeStepCodeFix>;

namespace GradLint.Rules;

public sealed class GL2007GradientsClearedBeforeStepTests
{
    private const string Id = "GL2007";

    [Theory]
    [InlineData("optimizer")]
    [InlineData("model")]
    public Task Clearing_between_backward_and_step_is_moved_before_backward(string cleared) =>
        Verify.Fixes(
            InTrainingLoop($$"""
                var loss = criterion.forward(model.forward(x), y);
                loss.backward();
                {{cleared}}.zero_grad();
                {|#0:optimizer.step()|};
                """),
            InTrainingLoop($$"""
                var loss = criterion.forward(model.forward(x), y);
                {{cleared}}.zero_grad();
                loss.backward();
                optimizer.step();
                """),
            [Expect.Warning(Id, 0, "'optimizer' steps along gradients that were cleared after 'backward' had computed them, so nothing is learned; clear them before 'backward'")]);

    [Fact]
    public Task Micro_batches_are_cleared_before_the_first() =>
        Verify.Fixes(
            InTrainingLoop("""
                foreach (var part in x.chunk(4))
                {
                    model.forward(part).sum().backward();
                }

                optimizer.zero_grad();
                {|GL2007:optimizer.step()|};
                """),
            InTrainingLoop("""
                optimizer.zero_grad();
                foreach (var part in x.chunk(4))
                {
                    model.forward(part).sum().backward();
                }
                optimizer.step();
                """));

    [Theory]
    [InlineData("optimizer.zero_grad(); loss.backward(); optimizer.step();")]
    [InlineData("loss.backward(); optimizer.step(); optimizer.zero_grad();")]
    [InlineData("loss.backward(); if (x.shape[0] == 0) optimizer.zero_grad(); optimizer.step();")]
    [InlineData("loss.backward(); optimizer.zero_grad(); loss.backward(); optimizer.step();")]
    [InlineData("optimizer.zero_grad(); optimizer.step();")]
    [InlineData("loss.backward(); other.zero_grad(); optimizer.step();")]
    [InlineData("loss.backward(); foreach (var p in model.parameters()) p.grad = p.grad * 0.1; optimizer.step();")]
    [InlineData("loss.backward(); foreach (var p in model.parameters()) { p.grad.zero_(); p.grad.add_(0.1); } optimizer.step();")]
    public Task Every_other_order_is_silent(string body) =>
        Verify.Reports(InMethod($$"""
            var model = new SmallNet();
            var different = new SmallNet();
            var optimizer = torch.optim.Adam(model.parameters());
            var other = torch.optim.Adam(different.parameters());
            foreach (var (x, y) in batches)
            {
                var loss = model.forward(x).sum();
                {{body}}
            }
            """));

    [Fact]
    public Task Clearing_one_of_two_networks_of_an_optimizer_leaves_the_other() =>
        Verify.Reports(InMethod("""
            var generator = new SmallNet();
            var discriminator = new SmallNet();
            var optG = torch.optim.Adam(generator.parameters());
            var optD = torch.optim.Adam(discriminator.parameters());
            foreach (var (x, y) in batches)
            {
                discriminator.forward(generator.forward(x)).sum().backward();
                optD.zero_grad();
                optG.step();
                optG.zero_grad();
                discriminator.forward(y).sum().backward();
                optD.step();
                optD.zero_grad();
            }
            """));

    [Fact]
    public Task Two_in_one_method_are_fixed_together() =>
        Verify.Fixes(
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var (x, y) in batches)
                {
                    model.forward(x).sum().backward();
                    optimizer.zero_grad();
                    {|GL2007:optimizer.step()|};
                    model.forward(y).sum().backward();
                    optimizer.zero_grad();
                    {|GL2007:optimizer.step()|};
                }
                """),
            InMethod("""
                var model = new SmallNet();
                var optimizer = torch.optim.Adam(model.parameters());
                foreach (var (x, y) in batches)
                {
                    optimizer.zero_grad();
                    model.forward(x).sum().backward();
                    optimizer.step();
                    optimizer.zero_grad();
                    model.forward(y).sum().backward();
                    optimizer.step();
                }
                """));

    [Fact]
    public Task Top_level_statements_are_code_like_any_other() =>
        Verify.Fixes(
            Usings + """
            var model = Linear(4, 3);
            var optimizer = torch.optim.Adam(model.parameters());
            model.forward(torch.ones(4)).sum().backward();
            optimizer.zero_grad();
            {|GL2007:optimizer.step()|};
            """,
            Usings + """
            var model = Linear(4, 3);
            var optimizer = torch.optim.Adam(model.parameters());
            optimizer.zero_grad();
            model.forward(torch.ones(4)).sum().backward();
            optimizer.step();
            """,
            setup: Setup.TopLevelStatements);

    [Fact]
    public Task A_users_own_optimizer_is_not_meant() =>
        Verify.Reports("class Optimizer { void step() { } void zero_grad() { } void backward() { backward(); zero_grad(); step(); } }");

    [Theory]
    [InlineData("loss.backward(); optimizer.zero_grad(); undeclared(optimizer); optimizer.step();")]
    [InlineData("loss.backward(); optimizer.zero_grad(); optimizer.step(")]
    public Task Half_typed_code_is_silent(string statement) => Verify.Reports(InTrainingLoop(statement), setup: Setup.HalfTyped);
}
